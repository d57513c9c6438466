package dev.tinytitan.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * The command line as a process of its own, which can be sent signals; output and errors in one.
 */
final class TitanProcess implements AutoCloseable {
  private static final Path KILL = Path.of("/bin/kill");

  private final Process process;
  private final BufferedReader reader;
  private final StringBuilder seen = new StringBuilder();

  private TitanProcess(Process process) {
    this.process = process;
    this.reader =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts a command; skips the test where there are no signals. */
  static TitanProcess start(List<Object> arguments) throws IOException {
    Assumptions.assumeTrue(Files.isExecutable(KILL), "there is no /bin/kill here");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-Dtinytitan.engine=portable"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    arguments.forEach(argument -> command.add(argument.toString()));
    return new TitanProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /** Reads until a line begins so; fails with all that was printed if none does. */
  void awaitLine(String beginning) throws IOException {
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      seen.append(line).append('\n');
      if (line.startsWith(beginning)) {
        return;
      }
    }
    throw new AssertionError("No line begins with '" + beginning + "':\n" + seen);
  }

  /** Sends a signal, such as {@code INT}. */
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder(KILL.toString(), "-" + name, String.valueOf(process.pid()))
        .start()
        .waitFor();
  }

  /** Waits for the end; gives the exit code. */
  int await() throws InterruptedException {
    reader.lines().forEach(line -> seen.append(line).append('\n'));
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      throw new AssertionError("The process did not end:\n" + seen);
    }
    return process.exitValue();
  }

  /** All that was printed so far. */
  String output() {
    return seen.toString();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      reader.close();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
}
