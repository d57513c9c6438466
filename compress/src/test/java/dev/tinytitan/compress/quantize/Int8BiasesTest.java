package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Flatten;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class Int8BiasesTest {
  private static final TensorType IMAGE = TensorType.of(DType.FLOAT32, 1, 2, 4, 4);

  /** A convolution of 40 channels and a dense layer of 8 outputs, which keeps its bias. */
  private static Model model(Tensor bias) {
    Graph graph =
        Graph.builder("biases")
            .input("x", IMAGE)
            .initializer("k", TestGraphs.random(1, 0.3f, 40, 2, 3, 3))
            .initializer("b", bias)
            .initializer("w", TestGraphs.random(3, 0.1f, 8, 160))
            .initializer("c", TestGraphs.random(4, 1, 8))
            .node(new Conv(Window.of(), 1), List.of("x", "k", "b"), "h")
            .node(new Flatten(1), List.of("h"), "f")
            .node(new Gemm(1, 1, false, true), List.of("f", "w", "c"), "y")
            .output("h", null)
            .output("y", null)
            .build();
    return Model.of(graph, ModelInfo.of(21));
  }

  private static long dequantizers(Model model) {
    return model.graph().nodes().stream()
        .filter(node -> node.operator() instanceof DequantizeLinear)
        .count();
  }

  @Test
  void biasesAreRoundedToTheNearestLevel() {
    Tensor bias = TestGraphs.random(2, 1, 40);
    float largest = 0;
    for (int i = 0; i < bias.size(); i++) {
      largest = Math.max(largest, Math.abs(bias.getFloat(i)));
    }
    Model small = Model.load(Int8Biases.of(model(bias)).toBytes());
    assertThat(dequantizers(small)).isEqualTo(1);
    assertThat(small.graph().initializers().values())
        .filteredOn(tensor -> tensor.dtype() == DType.INT8)
        .singleElement()
        .extracting(Tensor::size)
        .isEqualTo(40);
    Sample sample = Sample.of(Map.of("x", TestGraphs.random(5, 1, 1, 2, 4, 4)));
    try (Session before = model(bias).open();
        Session after = small.open();
        OnnxRuntime other = new OnnxRuntime(small)) {
      Map<String, Tensor> expected = before.run(sample.inputs());
      Map<String, Tensor> ours = after.run(sample.inputs());
      Map<String, Tensor> theirs = other.run(sample);
      for (int i = 0; i < expected.get("h").size(); i++) {
        assertThat(ours.get("h").getFloat(i))
            .isCloseTo(expected.get("h").getFloat(i), within(largest / 253));
        assertThat(ours.get("h").getFloat(i)).isCloseTo(theirs.get("h").getFloat(i), within(1e-5f));
      }
      assertThat(ours.get("y").toFloatArray()).isNotEqualTo(expected.get("y").toFloatArray());
    }
  }

  @Test
  void biasesWithoutALargestElementStay() {
    float[] values = new float[40];
    assertThat(dequantizers(Int8Biases.of(model(Tensor.of(values))))).isZero();
    values[3] = Float.NaN;
    assertThat(dequantizers(Int8Biases.of(model(Tensor.of(values))))).isZero();
    values[3] = Float.POSITIVE_INFINITY;
    assertThat(dequantizers(Int8Biases.of(model(Tensor.of(values))))).isZero();
  }
}
