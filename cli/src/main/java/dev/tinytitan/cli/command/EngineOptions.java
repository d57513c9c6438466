package dev.tinytitan.cli.command;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.kernel.EngineCatalog;
import picocli.CommandLine.Option;

/** Options of commands that run a model. */
final class EngineOptions {
  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "reference, portable, simd or codegen; the best that runs here if not given.")
  String engine = "";

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "The most threads one run uses (default: ${DEFAULT-VALUE}).")
  int threads = 1;

  @Option(
      names = "--no-optimize",
      description = "Run the graph as the file has it (integer operators are still recognized).")
  boolean raw;

  /** Whether Q/DQ groups are taken literally; set by commands, not by an option of its own. */
  boolean literal;

  /** Fails with a sentence, before long work, if there is no engine of this name here. */
  static void requireEngine(String name) {
    if (name.isEmpty()) {
      return;
    }
    try {
      EngineCatalog.load().chain(name);
    } catch (IllegalArgumentException error) {
      throw new CommandFailure(String.valueOf(error.getMessage()));
    }
  }

  /** Opens a session with these options. */
  Session open(Model model) {
    if (threads < 1) {
      throw new CommandFailure("--threads must be at least 1, not " + threads + ".");
    }
    try {
      return model.open(
          SessionOptions.defaults()
              .withEngine(engine)
              .withThreads(threads)
              .withOptimize(!raw && !literal)
              .withLiteralQuantization(literal));
    } catch (IllegalArgumentException error) {
      throw new CommandFailure(String.valueOf(error.getMessage()));
    }
  }
}
