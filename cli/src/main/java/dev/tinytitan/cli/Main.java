package dev.tinytitan.cli;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.TitanException;
import dev.tinytitan.cli.command.Adapt;
import dev.tinytitan.cli.command.Bench;
import dev.tinytitan.cli.command.Compare;
import dev.tinytitan.cli.command.Compress;
import dev.tinytitan.cli.command.Conformance;
import dev.tinytitan.cli.command.Demo;
import dev.tinytitan.cli.command.Distill;
import dev.tinytitan.cli.command.Energy;
import dev.tinytitan.cli.command.Eval;
import dev.tinytitan.cli.command.Inspect;
import dev.tinytitan.cli.command.Kernels;
import dev.tinytitan.cli.command.Learn;
import dev.tinytitan.cli.command.OpenDimensions;
import dev.tinytitan.cli.command.Prune;
import dev.tinytitan.cli.command.Quantize;
import dev.tinytitan.cli.command.Run;
import dev.tinytitan.cli.command.Train;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code titan}. Exit codes: 0 done, 1 bad input or a failed check, 2 wrong usage. */
@Command(
    name = "titan",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Makes neural networks small, and runs them on the JVM.",
      "Models are ONNX files; nothing is sent anywhere."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan inspect model.onnx                  what is in it, and what it costs",
      "  titan bench model.onnx                    how fast it runs here",
      "  titan run model.onnx -i x=input.npy       one run, outputs printed or saved",
      "  titan train --arch resnet8 --data images.npz -o model.onnx",
      "  titan compress model.onnx --data train.npz -o small.onnx --max-drop 0.5%%",
      "  titan quantize model.onnx -o small.onnx --data train.npz",
      "  titan prune model.onnx -o small.onnx --target-macs 50%% --data train.npz",
      "  titan distill large.onnx --arch ds-cnn --data train.npz -o small.onnx",
      "  titan learn model.onnx --data new.npz --budget 256KB -o learned.onnx",
      "",
      "titan COMMAND --help explains a command."
    },
    subcommands = {
      HelpCommand.class,
      Demo.class,
      Inspect.class,
      Run.class,
      Bench.class,
      Energy.class,
      Compare.class,
      Eval.class,
      Train.class,
      Learn.class,
      Compress.class,
      Quantize.class,
      Prune.class,
      Distill.class,
      Adapt.class,
      Kernels.class,
      Conformance.class,
    })
public final class Main {
  private Main() {}

  /** Runs the command line and ends the JVM with its exit code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The command line, ready to execute; tests give it other streams. */
  public static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler((error, arguments) -> {
      CommandLine where = error.getCommandLine();
      PrintWriter err = where.getErr();
      String message =
          unknownCommand(error)
              .map(name -> "There is no command '" + name + "'.")
              .orElse(error.getMessage());
      err.println(where.getColorScheme().errorText("titan: " + message));
      UnmatchedArgumentException.printSuggestions(error, err);
      err.println("Try '" + where.getCommandSpec().qualifiedName() + " --help'.");
      err.flush();
      return where.getCommandSpec().exitCodeOnInvalidInput();
    });
    line.setExecutionExceptionHandler((error, where, result) -> {
      String message = message(error);
      if (message == null) {
        throw error;
      }
      if (error instanceof ShapeMismatchException) {
        message += OpenDimensions.advice(where.getCommandSpec()).map(more -> " " + more).orElse("");
      }
      where.getErr().println(where.getColorScheme().errorText("titan: " + message));
      return 1;
    });
    return line;
  }

  /** What was written in the place of a command and is none. */
  private static Optional<String> unknownCommand(ParameterException error) {
    boolean top = error.getCommandLine().getParent() == null;
    return top && error instanceof UnmatchedArgumentException unmatched
        ? unmatched.getUnmatched().stream().findFirst().filter(name -> !name.startsWith("-"))
        : Optional.empty();
  }

  /** One sentence for errors that users can mend; null for our own. */
  private static @Nullable String message(Exception error) {
    return switch (error) {
      case TitanException titan -> titan.getMessage();
      case CommandFailure failure -> failure.getMessage();
      case UncheckedIOException io -> {
        IOException cause = io.getCause();
        yield cause == null ? null : message(cause);
      }
      case NoSuchFileException missing -> "There is no file '" + missing.getFile() + "'.";
      case AccessDeniedException denied ->
          "The file '" + denied.getFile() + "' may not be accessed.";
      case FileSystemException file ->
          "'"
              + file.getFile()
              + "': "
              + (file.getReason() == null ? "it cannot be used" : file.getReason())
              + ".";
      case IOException io -> "Reading or writing failed: " + io.getMessage() + ".";
      default -> null;
    };
  }
}
