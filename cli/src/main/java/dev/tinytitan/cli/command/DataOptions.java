package dev.tinytitan.cli.command;

import dev.tinytitan.Model;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.samples.ModelData;
import dev.tinytitan.compress.SampleCheck;
import dev.tinytitan.data.Dataset;
import java.io.PrintWriter;
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

  /**
   * The data for a model, looked through before long work.
   *
   * @param learnsClasses whether labels, where there are some, are learned or make a budget: then
   *     there must be more than one class
   * @param err takes notes about what is odd but can be worked with
   */
  ModelData openChecked(Model model, boolean learnsClasses, PrintWriter err) {
    ModelData data = open(model);
    SampleCheck check = SampleCheck.of(model);
    check.add(data.samples());
    if (learnsClasses) {
      check.requireTwoClasses();
      check.missingClasses().ifPresent(sentence -> note(err, sentence));
    }
    return data;
  }

  /** Says what is odd but can be worked with. */
  static void note(PrintWriter err, String sentence) {
    err.println("Note: " + sentence);
    err.flush();
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
