package dev.tinytitan.cli.command;

import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.data.DatasetOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where samples come from, and which part of them is what. */
final class DataSource {
  @Option(
      names = "--data",
      paramLabel = "DATA",
      description = {
        "Samples: .npz, .npy, .csv, .tsv, IDX, a folder of images or of WAV files (folders in it"
            + " are classes), .txt with one text a line for text encoders, or synthetic:NAME, made"
            + " on the spot: glyphs, images, keywords, bearing, vibration, ecg or activity, :SIZE"
            + " behind it or not; or SET:FILE, a file of a public data set in its own form:"
            + " mitbih, wisdm, cwru, fsdd, pneumoniamnist or cmapss."
      })
  @Nullable Path path;

  @Option(
      names = "--x",
      paramLabel = "NAME",
      split = ",",
      description = "The array or the columns that are the samples (default: x, or all others).")
  private List<String> x = List.of();

  @Option(
      names = "--y",
      paramLabel = "NAME",
      description = "The array or column of labels (default: y where there is one).")
  private @Nullable String y;

  @Option(
      names = "--groups",
      paramLabel = "NAME",
      description = "The array or column of what a split must not tear apart, such as speakers.")
  private @Nullable String groups;

  /** The file; fails with a sentence if none is given. */
  Path required() {
    if (path == null) {
      throw new CommandFailure("Give samples with --data FILE.");
    }
    return path;
  }

  /** The data as they are, for a model that is to be made; fails with a sentence without any. */
  Dataset open() {
    return Dataset.open(required(), options());
  }

  /** Which part of the data is what. */
  DatasetOptions options() {
    return new DatasetOptions(
        x, Optional.ofNullable(y), Optional.ofNullable(groups), Optional.empty(), 0);
  }
}
