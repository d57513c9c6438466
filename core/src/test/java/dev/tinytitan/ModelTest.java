package dev.tinytitan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.Add;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelTest {
  @TempDir Path folder;

  private static Graph graph(String read) {
    return Graph.builder("sum")
        .input("x", TensorType.of(DType.FLOAT32, 2))
        .initializer("w", Tensor.of(new float[] {1, 2}))
        .node(new Add(), List.of("x", read), "y")
        .output("y", TensorType.of(DType.FLOAT32, 2))
        .build();
  }

  @Test
  void savesLoadsAndRuns() {
    Model model = Model.of(graph("w"), ModelInfo.of(17));
    assertThat(model.save(folder.resolve("m.onnx")).opset()).isEqualTo(17);
    Model loaded = Model.load(folder.resolve("m.onnx"));
    assertThat(loaded.graph()).isEqualTo(model.graph());
    assertThat(loaded.info()).isEqualTo(model.info());
    assertThat(loaded.inputs()).extracting(Value::name).containsExactly("x");
    assertThat(loaded.outputs()).extracting(Value::name).containsExactly("y");
    assertThat(Model.load(model.toBytes()).graph()).isEqualTo(model.graph());
    try (Session session = loaded.open()) {
      assertThat(session.run(Map.of("x", Tensor.of(new float[] {10, 20}))).get("y").toFloatArray())
          .containsExactly(11, 22);
    }
  }

  @Test
  void refusesABrokenGraph() {
    assertThatThrownBy(() -> Model.of(graph("nowhere"), ModelInfo.of(17)))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("'nowhere'");
  }
}
