package dev.tinytitan.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Identity;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.gradient.Differentiator;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class LossTest {
  private static final Tensor PREDICTION = Tensor.of(new float[] {1, 2, -1, 0.5f}, 2, 2);
  private static final Tensor TARGET = Tensor.of(new float[] {0, 1, 1, 0}, 2, 2);

  /** The loss; its gradient is compared with differences. */
  private static double loss(Loss loss, Tensor prediction, Tensor target) {
    TensorType type = TensorType.of(DType.FLOAT32, prediction.shape());
    Graph.Builder builder = Graph.builder("loss").input("p", type).input("t", type);
    NodeWriter nodes = new NodeWriter(builder, "loss/");
    String value = loss.write(nodes, "p", "t", prediction.shape());
    builder.node(new Identity(), List.of(value), "loss").output("loss", null);
    Differentiator.Result result =
        Differentiator.differentiate(builder.build(), "loss", List.of("p"));
    Graph graph = result.graph().toBuilder().output(result.gradients().get("p"), null).build();
    List<Tensor> results = Interpreter.run(graph, List.of(prediction, target));
    for (int i = 0; i < prediction.size(); i++) {
      Tensor moved = prediction.copy();
      moved.setFloat(i, moved.getFloat(i) + 1e-2f);
      double up = Interpreter.run(graph, List.of(moved, target)).getFirst().getDouble(0);
      moved.setFloat(i, moved.getFloat(i) - 2e-2f);
      double down = Interpreter.run(graph, List.of(moved, target)).getFirst().getDouble(0);
      assertThat(results.get(1).getDouble(i))
          .as("gradient %d of %s", i, loss)
          .isCloseTo((up - down) / 2e-2, Offset.offset(2e-3));
    }
    return results.getFirst().getDouble(0);
  }

  private static void assertLoss(Loss loss, double expected) {
    assertThat(loss(loss, PREDICTION, TARGET)).isCloseTo(expected, Offset.offset(1e-5));
  }

  @Test
  void lossesAreWhatTheirFormulasSay() {
    double first = Math.log1p(Math.exp(-1));
    double second = Math.log1p(Math.exp(1.5));
    assertLoss(Loss.crossEntropy(), (first + second) / 2);
    assertLoss(Loss.meanSquaredError(), (1 + 1 + 4 + 0.25) / 4);
    assertLoss(new Loss.MeanAbsoluteError(), (1 + 1 + 2 + 0.5) / 4);
    assertLoss(new Loss.Huber(0.8), (0.48 + 0.48 + 0.8 * 1.6 + 0.125) / 4);
    assertLoss(
        new Loss.BinaryCrossEntropy(),
        (Math.log1p(Math.exp(1))
                + Math.log1p(Math.exp(-2))
                + Math.log1p(Math.exp(1))
                + Math.log1p(Math.exp(0.5)))
            / 4);
    double cosine = (2 / Math.sqrt(5) + -1 / Math.sqrt(1.25)) / 2;
    assertLoss(new Loss.Cosine(), 1 - cosine);
  }

  @Test
  void divergenceOfEqualLogitsIsNothing() {
    assertThat(loss(new Loss.KullbackLeibler(3), PREDICTION, PREDICTION))
        .isCloseTo(0, Offset.offset(1e-6));
    assertThat(loss(new Loss.KullbackLeibler(2), PREDICTION, TARGET)).isPositive();
  }

  @Test
  void contrastPrefersTheOwnTarget() {
    Tensor swapped = Tensor.of(new float[] {-1, 0.5f, 1, 2}, 2, 2);
    assertThat(loss(new Loss.Contrastive(0.5), PREDICTION, PREDICTION))
        .isLessThan(loss(new Loss.Contrastive(0.5), PREDICTION, swapped));
  }
}
