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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.condition.OS;

/**
 * The command line as a process of its own, which can be sent signals; output and errors in one.
 */
final class TitanProcess implements AutoCloseable {
  private static final String SHELL = "/bin/sh";

  /** Of GNU's coreutils: it can say which signals are not ignored. */
  private static final String ENV = "/usr/bin/env";

  /** A process that takes longer is killed, so that no build waits for ever. */
  private static final int MOST_MINUTES = 3;

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
    Assumptions.assumeTrue(
        OS.LINUX.isCurrentOs() && Files.isExecutable(Path.of(ENV)), "no GNU coreutils here");
    // Builds that run in the background ignore SIGINT, and so would their children.
    List<String> command = new ArrayList<>(List.of(ENV, "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-Dtinytitan.engine=portable"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    arguments.forEach(argument -> command.add(argument.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    CompletableFuture.delayedExecutor(MOST_MINUTES, TimeUnit.MINUTES)
        .execute(process::destroyForcibly);
    return new TitanProcess(process);
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
    new ProcessBuilder(SHELL, "-c", "kill -" + name + " " + process.pid()).start().waitFor();
  }

  /** Waits for the end; gives the exit code, that of a kill if it did not end in time. */
  int await() throws InterruptedException {
    reader.lines().forEach(line -> seen.append(line).append('\n'));
    return process.waitFor();
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
