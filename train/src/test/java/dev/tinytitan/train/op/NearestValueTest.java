package dev.tinytitan.train.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Verifier;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.ReduceSum;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.gradient.Differentiator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NearestValueTest {
  private static final float NAN = Float.NaN;

  private static List<Tensor> run(float[] x, float[] codebook, float scale) {
    Node node =
        Node.of("node", new NearestValue(), List.of("x", "codebook", "scale"), List.of("y", "w"));
    return Interpreter.eval(
            node, List.of(Tensor.of(x), Tensor.of(codebook), Tensor.of(new float[] {scale})))
        .stream()
        .toList();
  }

  @Test
  void takesTheNearestInAnyOrder() {
    List<Tensor> outputs =
        run(new float[] {-9, -0.6f, -0.4f, 0, 0.4f, 0.9f, 5}, new float[] {1, -0.5f, 0}, 2);
    assertThat(outputs.get(0).toFloatArray()).containsExactly(-1, -1, 0, 0, 0, 0, 2);
    assertThat(outputs.get(1).dtype()).isEqualTo(DType.UINT8);
    assertThat(outputs.get(1).toLongArray()).containsExactly(1, 1, 2, 2, 2, 2, 0);
  }

  @Test
  void isNoFartherThanAnyOtherValue() {
    Random random = new Random(3);
    for (int count = 1; count <= 256; count += 15) {
      float[] codebook = new float[count];
      float[] x = new float[500];
      for (int i = 0; i < count; i++) {
        codebook[i] = (float) random.nextGaussian();
      }
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) (1.5 * random.nextGaussian());
      }
      Tensor y = run(x, codebook, 1).getFirst();
      for (int i = 0; i < x.length; i++) {
        double least = Double.MAX_VALUE;
        for (float value : codebook) {
          least = Math.min(least, Math.abs((double) x[i] - value));
        }
        assertThat(Math.abs((double) x[i] - y.getFloat(i))).isLessThanOrEqualTo(least + 1e-6);
      }
    }
  }

  @Test
  void tiesGoDownAndValuesStay() {
    float next = Math.nextUp(1f);
    assertThat(run(new float[] {0.5f, -0.5f}, new float[] {1, 0, -1}, 1).getFirst().toFloatArray())
        .containsExactly(0, -1);
    assertThat(run(new float[] {1, next}, new float[] {1, next}, 1).getFirst().toFloatArray())
        .containsExactly(1, next);
    assertThat(
            run(new float[] {0, -0f}, new float[] {0, -Float.MIN_VALUE}, 1)
                .getFirst()
                .toFloatArray())
        .satisfiesAnyOf(y -> assertThat(y).containsOnly(0f), y -> assertThat(y).containsOnly(-0f));
  }

  @Test
  void whatIsNotFiniteIsDefined() {
    float inf = Float.POSITIVE_INFINITY;
    assertThat(
            run(new float[] {NAN, inf, -inf}, new float[] {1, 0, 3}, 1).getFirst().toFloatArray())
        .containsExactly(NAN, 3, 0);
    assertThat(
            run(new float[] {NAN, inf, 1}, new float[] {NAN, 2, -1}, 1).getFirst().toFloatArray())
        .containsExactly(NAN, 2, 2);
    assertThat(run(new float[] {0.3f}, new float[] {NAN, NAN}, 1).getFirst().toFloatArray())
        .containsExactly(NAN);
  }

  @Test
  void gradientsPassStraightThroughAndGatherInValues() {
    Graph graph =
        Graph.builder("loss")
            .input("x", TensorType.of(DType.FLOAT32, Shape.of(5)))
            .input("codebook", TensorType.of(DType.FLOAT32, Shape.of(3)))
            .initializer("scale", Tensor.of(new float[] {2}))
            .initializer("weights", Tensor.of(new float[] {1, 2, 3, 4, 5}))
            .node(
                Node.of(
                    "node",
                    new NearestValue(),
                    List.of("x", "codebook", "scale"),
                    List.of("y", "which")))
            .node(new Mul(), List.of("y", "weights"), "product")
            .node(new ReduceSum(false, false), List.of("product"), "loss")
            .output("loss", null)
            .build();
    Differentiator.Result result =
        Differentiator.differentiate(graph, "loss", List.of("x", "codebook"));
    Graph.Builder complete = result.graph().toBuilder();
    List.of("x", "codebook").forEach(name -> complete.output(result.gradients().get(name), null));
    Graph backward = complete.build();
    Verifier.verify(backward);
    List<Tensor> outputs =
        Interpreter.run(
            backward,
            List.of(
                Tensor.of(new float[] {3, -0.2f, -7, 0.1f, 2}), Tensor.of(new float[] {1, -1, 0})));
    assertThat(outputs.get(1).toFloatArray()).containsExactly(1, 2, 3, 4, 5);
    assertThat(outputs.get(2).toFloatArray()).containsExactly(2 * (1 + 5), 2 * 3, 2 * (2 + 4));
  }

  @Test
  void otherCountsAreRefused() {
    Graph graph =
        Graph.builder("many")
            .input("x", TensorType.of(DType.FLOAT32, Shape.of(5)))
            .initializer("codebook", Tensor.of(new float[257]))
            .initializer("scale", Tensor.of(new float[] {2}))
            .node(
                Node.of(
                    "node",
                    new NearestValue(),
                    List.of("x", "codebook", "scale"),
                    List.of("y", "which")))
            .output("y", null)
            .build();
    assertThatThrownBy(() -> TypeInference.infer(graph))
        .isInstanceOf(ShapeMismatchException.class)
        .hasMessageContaining("1 to 256 values, not 257");
    assertThatThrownBy(() -> new NearestValueGradient(0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
