package dev.tinytitan.cli.command;

import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.io.AtomicFile;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What commands have in common that make one model of another. */
final class TransformOptions {
  @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
  Path file = Path.of("");

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      required = true,
      description = "The ONNX file to write; a name that ends in .zip gives an archive.")
  Path output = Path.of("");

  @Option(
      names = "--exclude",
      paramLabel = "NODE",
      split = ",",
      description = "Nodes that stay as they are, by name or pattern (* and ?).")
  List<String> exclude = List.of();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Decides which samples do what (default: ${DEFAULT-VALUE}).")
  long seed = 1;

  /** Fails with a sentence, before long work, if the files that it is for cannot be written. */
  static void requireWritable(@Nullable Path... files) {
    for (Path each : files) {
      if (each != null) {
        AtomicFile.requireWritable(each);
      }
    }
  }

  /** Fails with a sentence unless a number of things is at least one. */
  static void requirePositive(String option, int value) {
    if (value < 1) {
      throw new CommandFailure(option + " must be at least 1, not " + value + ".");
    }
  }
}
