package dev.tinytitan.surroundings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A Java process of its own: the JDK that runs the tests, with other arguments. */
record ForkedJava(List<String> output, List<String> errors) {
  static final List<String> VECTOR_MODULE = List.of("--add-modules", "jdk.incubator.vector");
  private static final int MOST_MINUTES = 30;

  /**
   * Runs it to its end, which must be a good one.
   *
   * @param folder for what it prints
   */
  static ForkedJava run(Path folder, List<String> arguments)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "output", ".txt");
    Path errors = Files.createTempFile(folder, "errors", ".txt");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().remove("JDK_JAVA_OPTIONS");
    Process process = builder.start();
    try {
      assertThat(process.waitFor(MOST_MINUTES, TimeUnit.MINUTES)).as("%s ends", command).isTrue();
    } finally {
      process.destroyForcibly();
    }
    ForkedJava result = new ForkedJava(Files.readAllLines(output), Files.readAllLines(errors));
    assertThat(process.exitValue()).as("%s prints %s", command, result).isZero();
    return result;
  }

  static String classPath(Path... entries) {
    return Stream.of(entries).map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** The jar or folder that a class was loaded from. */
  static Path home(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The jar or folder of tinytitan-simd, of which nothing is visible at compile time. */
  static Path simd() {
    return home("dev.tinytitan.simd.SimdEngine");
  }

  /** The jar or folder of tinytitan-codegen, of which nothing is visible at compile time. */
  static Path codegen() {
    return home("dev.tinytitan.codegen.CodegenEngine");
  }

  private static Path home(String engine) {
    try {
      return home(Class.forName(engine, false, ForkedJava.class.getClassLoader()));
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(engine + " must be on the test class path", e);
    }
  }
}
