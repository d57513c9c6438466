package dev.tinytitan.train.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.ReduceSum;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.gradient.Differentiator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FakeQuantizeTest {
  private static final SessionOptions PLAIN =
      SessionOptions.defaults().withLiteralQuantization(true).withOptimize(false);

  private static Map<String, Tensor> run(Graph graph, Map<String, Tensor> inputs) {
    try (Session session = Model.of(graph, ModelInfo.of(21)).open(PLAIN)) {
      return session.run(inputs);
    }
  }

  @Test
  void givesWhatQuantizeAndDequantizeGive() {
    Random random = new Random(5);
    float[] values = new float[2000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 7 == 0 ? (i % 40 - 20) * 0.125f : (float) (4 * random.nextGaussian());
    }
    Tensor x = Tensor.of(values, 20, 100);
    Graph graph =
        Graph.builder("both")
            .input("x", TensorType.of(DType.FLOAT32, x.shape()))
            .initializer("scale", Tensor.scalar(0.05f))
            .initializer("zero", Tensor.ofUnsigned(new byte[] {100}).reshape(Shape.scalar()))
            .initializer("relative", Tensor.of(new float[] {0.5f}))
            .initializer("base", Tensor.of(new float[] {0.1f}))
            .node(new QuantizeLinear(1), List.of("x", "scale", "zero"), "q")
            .node(new DequantizeLinear(1), List.of("q", "scale", "zero"), "expected")
            .node(new FakeQuantize(-100, 155, 0), List.of("x", "relative", "base"), "y")
            .output("expected", null)
            .output("y", null)
            .build();
    Map<String, Tensor> outputs = run(graph, Map.of("x", x));
    assertThat(outputs.get("y")).isEqualTo(outputs.get("expected"));
  }

  /** The formulas of LSQ, on numbers inside, at the end of and outside of the levels. */
  @Test
  void gradientsAreThoseOfLearnedSteps() {
    Tensor x = Tensor.of(new float[] {0.26f, -0.9f, 1.9f, -3f, 0.5f, 0.74f}, 1, 6);
    Tensor weights = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 1, 6);
    Graph graph =
        Graph.builder("loss")
            .input("x", TensorType.of(DType.FLOAT32, x.shape()))
            .input("relative", TensorType.of(DType.FLOAT32, Shape.of(1)))
            .initializer("base", Tensor.of(new float[] {0.25f}))
            .initializer("weights", weights)
            .node(new FakeQuantize(-4, 3, 0), List.of("x", "relative", "base"), "y")
            .node(new Mul(), List.of("y", "weights"), "product")
            .node(new ReduceSum(false, false), List.of("product"), "loss")
            .output("loss", null)
            .build();
    Differentiator.Result result =
        Differentiator.differentiate(graph, "loss", List.of("x", "relative"));
    Graph.Builder complete = result.graph().toBuilder();
    result.gradients().values().forEach(name -> complete.output(name, null));
    Map<String, Tensor> outputs =
        run(complete.build(), Map.of("x", x, "relative", Tensor.of(new float[] {2})));
    // The step is 0.5; its levels reach from -2 to 1.5.
    assertThat(outputs.get(result.gradients().get("x")).toFloatArray())
        .containsExactly(1, 2, 0, 0, 5, 6);
    double sum = 1 * (1 - 0.52) + 2 * (-2 + 1.8) + 3 * 3 + 4 * -4 + 5 * (1 - 1) + 6 * (1 - 1.48);
    double scale = 1 / Math.sqrt(6 * 4.0) / 0.25;
    assertThat(outputs.get(result.gradients().get("relative")).getFloat(0))
        .isCloseTo((float) (sum * scale), within(1e-4f));
  }

  @Test
  void refusesLevelsWithoutZero() {
    assertThatThrownBy(() -> new FakeQuantize(1, 4, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FakeQuantize(0, 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
