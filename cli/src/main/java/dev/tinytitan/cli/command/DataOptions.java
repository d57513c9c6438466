package dev.tinytitan.cli.command;

import dev.tinytitan.Model;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.samples.ModelData;
import dev.tinytitan.data.DatasetOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where samples come from, and how they are read. */
final class DataOptions {
  @Option(
      names = "--data",
      paramLabel = "DATA",
      description = {
        "Samples: .npz, .npy, .csv, .tsv, IDX, a folder of images or of WAV files (folders in it"
            + " are classes), .txt with one text a line for text encoders, or synthetic:NAME, made"
            + " on the spot: glyphs, images, keywords, bearing, vibration or ecg, :SIZE behind it"
            + " or not."
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

  @Option(
      names = "--white",
      paramLabel = "V",
      description = "What white becomes in images: 255 or 1 (default: ${DEFAULT-VALUE}).")
  private float white = 255;

  @Mixin private TokenizerOptions tokenizer = new TokenizerOptions();

  /** The data for a model; fails with a sentence if none are given. */
  ModelData open(Model model) {
    if (path == null) {
      throw new CommandFailure("Give samples with --data FILE.");
    }
    return open(path, model);
  }

  /** Other data, read in the same way. */
  ModelData open(Path other, Model model) {
    if (!(white > 0)) {
      throw new CommandFailure("--white must be more than 0, not " + white + ".");
    }
    DatasetOptions options =
        new DatasetOptions(
            x, Optional.ofNullable(y), Optional.ofNullable(groups), Optional.empty(), 0);
    return ModelData.open(other, options, white, model, tokenizer::read);
  }
}
