package dev.tinytitan.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.SharedData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gates are read and judged as written; how fast anything is, is not asserted. */
class RatioGatesTest {
  @TempDir private Path folder;

  private Path gates(String... lines) throws IOException {
    return Files.write(folder.resolve("gates.txt"), List.of(lines));
  }

  @Test
  void everyGateOfTheProjectNamesAKnownModelAndEngine() {
    Set<String> models =
        BenchModel.suite(Path.of(""), Path.of("")).stream()
            .map(BenchModel::label)
            .collect(Collectors.toSet());
    // Tests run in the module's folder, or in the project's.
    Path table = Path.of("ratio-gates.txt");
    List<RatioGate> gates =
        RatioGate.read(Files.exists(table) ? table : Path.of("bench/ratio-gates.txt"));
    assertThat(gates).hasSizeGreaterThan(30).doesNotHaveDuplicates();
    for (RatioGate gate : gates) {
      assertThat(models).contains(gate.measured().model(), gate.against().model());
      assertThat(List.of("reference", "portable", "simd", "codegen", "onnxruntime", "peers"))
          .contains(gate.measured().engine(), gate.against().engine());
      assertThat(gate.measured()).isNotEqualTo(gate.against());
    }
  }

  @Test
  void whatIsNoGateIsSaidWithItsLine() throws IOException {
    for (String line :
        List.of(
            "kws_fp32 simd 1 | kws_fp32 simd 2",
            "kws_fp32 simd | kws_fp32 simd 2 | 1",
            "kws_fp32 simd one | kws_fp32 simd 2 | 1",
            "kws_fp32 simd 0 | kws_fp32 simd 2 | 1",
            "kws_fp32 simd 1 | kws_fp32 simd 2 | -1",
            "kws_fp32 simd 1 | kws_fp32 simd 2 | NaN")) {
      assertThatThrownBy(() -> RatioGate.read(gates("# gates", "", line)))
          .isInstanceOf(BadDataException.class)
          .hasMessageContaining("line 3");
    }
  }

  @Test
  void measuresOursAndThePeerAndSaysWhichGatesAreBroken() throws IOException {
    Path table =
        gates(
            "ad_fp32 portable 1 | ad_fp32 reference 1 | 1000",
            "ad_fp32 portable 1 | ad_fp32 onnxruntime 1 | 0.000001",
            "kws_fp32 portable 1 | kws_fp32 portable 2 | 1000");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    boolean held =
        RatioGates.run(
            new String[] {
              table.toString(),
              SharedData.require("models").toString(),
              "none.onnx",
              "--only",
              "ad_fp32",
              "--seconds",
              "0.01"
            },
            new PrintStream(bytes, true, StandardCharsets.UTF_8));
    assertThat(held).isFalse();
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .contains("| 1000.00 | holds |", "**broken**", "1 held, 1 broken")
        .doesNotContain("kws");
  }

  @Test
  void unknownModelIsSaid() throws IOException {
    Path table = gates("nobody simd 1 | ad_fp32 simd 1 | 1");
    assertThatThrownBy(
            () -> RatioGates.run(new String[] {table.toString(), ".", "none.onnx"}, System.out))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nobody");
  }
}
