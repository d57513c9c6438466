package dev.tinytitan.cli.command;

import dev.tinytitan.Model;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.samples.ModelData;
import dev.tinytitan.data.Dataset;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where samples come from, and how they are read. */
final class DataOptions {
  @Option(
      names = "--white",
      paramLabel = "V",
      description = "What white becomes in images: 255 or 1 (default: ${DEFAULT-VALUE}).")
  private float white = 255;

  @Mixin private DataSource source = new DataSource();
  @Mixin private TokenizerOptions tokenizer = new TokenizerOptions();

  /** True if data are given. */
  boolean isGiven() {
    return source.path != null;
  }

  /** The data for a model; fails with a sentence if none are given. */
  ModelData open(Model model) {
    return open(source.required(), model);
  }

  /** Other data, read in the same way. */
  ModelData open(Path other, Model model) {
    if (!(white > 0)) {
      throw new CommandFailure("--white must be more than 0, not " + white + ".");
    }
    return ModelData.open(other, source.options(), white, model, tokenizer::read);
  }

  /** The data as they are; fails with a sentence if none are given. */
  Dataset dataset() {
    return source.open();
  }
}
