package dev.tinytitan.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** Runs the command line in this process, as on no terminal. */
final class Titan {
  private Titan() {}

  /** What a command printed, and its exit code. */
  record Result(int code, String out, String err) {}

  /** Arguments may be of any type: paths, numbers. */
  static Result run(Object... arguments) {
    return run(Ansi.OFF, arguments);
  }

  static Result run(Ansi ansi, Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    line.setColorScheme(CommandLine.Help.defaultColorScheme(ansi));
    int code = line.execute(Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
    line.getOut().flush();
    line.getErr().flush();
    return new Result(code, out.toString(), err.toString());
  }
}
