package dev.tinytitan.codegen;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/**
 * The disassembler of GNU binutils, as an oracle. Where it is not installed, tests that need it are
 * skipped and say so; in CI (environment variable {@code CI}) its absence is a failure.
 */
public final class Binutils {
  private static final Pattern LINE = Pattern.compile("^ *([0-9a-f]+):\\t(.*)$");

  private Binutils() {}

  /** The instructions in x86-64 code by their offsets, in Intel's syntax with single spaces. */
  public static Map<Integer, String> disassembleX86(byte[] code) {
    return disassemble(
        code, "binutils", "objdump", "-m", "i386:x86-64", "-M", "intel", "--insn-width=16");
  }

  /** The instructions in AArch64 code by their offsets, with single spaces. */
  public static Map<Integer, String> disassembleArm(byte[] code) {
    return disassemble(
        code, "binutils-aarch64-linux-gnu", "aarch64-linux-gnu-objdump", "-m", "aarch64");
  }

  private static Map<Integer, String> disassemble(
      byte[] code, String debianPackage, String... command) {
    requireProgram(command[0], debianPackage);
    try {
      Path file = Files.createTempFile("tinytitan", ".bin");
      try {
        Files.write(file, code);
        List<String> arguments = new ArrayList<>(Arrays.asList(command));
        arguments.addAll(List.of("-D", "-b", "binary", "--no-show-raw-insn", file.toString()));
        Map<Integer, String> lines = new TreeMap<>();
        for (String line : run(arguments).lines().toList()) {
          Matcher matcher = LINE.matcher(line);
          if (matcher.matches()) {
            lines.put(
                Integer.parseInt(matcher.group(1), 16),
                matcher.group(2).replaceAll("\\s+", " ").strip());
          }
        }
        return lines;
      } finally {
        Files.delete(file);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Runs a program; its standard output. */
  public static String run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new AssertionError(command + " failed: " + output);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
    return output;
  }

  /** Ends the test if the program is absent. */
  public static void requireProgram(String program, String debianPackage) {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      if (Files.isExecutable(Path.of(folder, program))) {
        return;
      }
    }
    String message =
        "There is no " + program + " here; install Debian's package " + debianPackage + ".";
    if (System.getenv("CI") != null) {
      throw new AssertionError(message);
    }
    Assumptions.abort(message);
  }
}
