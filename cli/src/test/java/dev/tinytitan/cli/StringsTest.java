package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Equal;
import dev.tinytitan.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that hold strings run like others; only files of arrays cannot hold them. */
class StringsTest {
  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void saveModel() {
    model = folder.resolve("strings.onnx");
    Graph graph =
        Graph.builder("strings")
            .input("x", TensorType.of(DType.STRING, 3))
            .input("y", TensorType.of(DType.STRING, 3))
            .node(new Equal(), List.of("x", "y"), "equal")
            .node(new Concat(0), List.of("x", "y"), "both")
            .output("equal", TensorType.of(DType.BOOL, 3))
            .output("both", TensorType.of(DType.STRING, 6))
            .build();
    Model.of(graph, ModelInfo.of(19)).save(model);
  }

  @Test
  void run() {
    Titan.Result result = Titan.run("run", model);
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("equal  bool[3]", "both  string[6]");
    Titan.Result json = Titan.run("run", model, "--json");
    assertThat(json.code()).as(json.err()).isZero();
    assertThat(json.out()).contains("\"a\"", "\"b\"");
  }

  @Test
  void outputsOfStringsCannotBeSaved() {
    Titan.Result result = Titan.run("run", model, "-o", folder.resolve("out.npz"));
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).startsWith("titan: ").contains("string").doesNotContain("Exception");
  }

  @Test
  void otherCommands() {
    for (String command : List.of("inspect", "kernels")) {
      Titan.Result result = Titan.run(command, model);
      assertThat(result.code()).as(result.err()).isZero();
    }
    Titan.Result bench = Titan.run("bench", model, "--seconds", "0.01");
    assertThat(bench.code()).as(bench.err()).isZero();
  }
}
