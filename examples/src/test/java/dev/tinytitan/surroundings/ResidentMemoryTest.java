package dev.tinytitan.surroundings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Opening and running many times does not make the process grow. The default build does a twentieth
 * of what {@code ./build -Pnightly} does.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "resident memory is read from /proc")
class ResidentMemoryTest {
  private static final int MOST_KIB = 16 * 1024;
  private static final int SHARE = Boolean.getBoolean("tinytitan.nightly") ? 1 : 20;

  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void choose() {
    model = TestModels.shared("kws_fp32").orElseGet(() -> saved("floats", TestModels.floats()));
  }

  private Path saved(String name, Model built) {
    Path file = folder.resolve(name + ".onnx");
    built.save(file);
    return file;
  }

  /**
   * By how much the process grew. All of the heap is resident from the beginning, so that only what
   * lies outside it, or does not fit into it, can make a difference.
   */
  private int growth(String what, Path file, int warmUp, int count) throws Exception {
    Path own = ForkedJava.home(ResidentLoop.class);
    return growth(what, file, warmUp, count, ForkedJava.home(Model.class), ForkedJava.simd(), own);
  }

  private int growth(String what, Path file, int warmUp, int count, Path... path) throws Exception {
    List<String> arguments = new ArrayList<>(ForkedJava.VECTOR_MODULE);
    arguments.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-Xms64m",
            "-Xmx64m",
            "-XX:+AlwaysPreTouch",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            ForkedJava.classPath(path),
            ResidentLoop.class.getName(),
            what,
            file.toString(),
            Integer.toString(warmUp),
            Integer.toString(count)));
    int kib = Integer.parseInt(ForkedJava.run(folder, arguments).output().getLast());
    System.out.printf("%s %d times: %+d KiB resident%n", what, count, kib);
    return kib;
  }

  @Test
  void tenThousandOpens() throws Exception {
    assertThat(growth("open", model, 300, 10_000 / SHARE)).isLessThan(MOST_KIB);
  }

  private int growthWithGeneratedCode(String what, int warmUp, int count) throws Exception {
    Path integers =
        TestModels.shared("kws_int8").orElseGet(() -> saved("integers", TestModels.integers()));
    return growth(
        what,
        integers,
        warmUp,
        count,
        ForkedJava.home(Model.class),
        ForkedJava.codegen(),
        ForkedJava.home(ResidentLoop.class));
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
  void tenThousandOpensWithGeneratedCode() throws Exception {
    // The JVM goes on compiling for longer than with the other engines.
    assertThat(growthWithGeneratedCode("open", 2_000, 10_000 / SHARE)).isLessThan(MOST_KIB);
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
  void aMillionRunsOfGeneratedCode() throws Exception {
    assertThat(growthWithGeneratedCode("run", 10_000, 1_000_000 / SHARE)).isLessThan(MOST_KIB);
  }

  @Test
  void opensOfAMappedFile() throws Exception {
    Path mapped = saved("mapped", TestModels.mapped());
    assertThat(Files.size(mapped)).isGreaterThan(1 << 20);
    assertThat(growth("open", mapped, 300, 10_000 / SHARE)).isLessThan(MOST_KIB);
  }

  @Test
  void aMillionRuns() throws Exception {
    assertThat(growth("run", model, 10_000, 1_000_000 / SHARE)).isLessThan(MOST_KIB);
  }
}
