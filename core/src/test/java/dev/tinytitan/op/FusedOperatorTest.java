package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.counting;
import static dev.tinytitan.op.RunOperator.ones;
import static dev.tinytitan.op.RunOperator.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.tensor.Tensor;
import org.junit.jupiter.api.Test;

class FusedOperatorTest {
  @Test
  void activationsKeepNaNAndTheSignOfZero() {
    assertThat(Activation.RELU.apply(-2)).isEqualTo(0f);
    assertThat(Activation.RELU.apply(Float.NaN)).isNaN();
    assertThat(Activation.RELU.apply(-0f)).isEqualTo(-0f);
    assertThat(new Activation.Clip(0, 6).apply(7)).isEqualTo(6f);
    assertThat(Activation.NONE.apply(-3)).isEqualTo(-3f);
    assertThat(Activation.of(new Relu())).isEqualTo(Activation.RELU).hasToString("Relu");
    assertThat(Activation.of(new Sigmoid()).apply(0)).isEqualTo(0.5f);
    assertThatThrownBy(() -> new Activation.Clip(1, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void convolutionAddsBiasAndResidualBeforeActivating() {
    FusedConv conv = new FusedConv(Window.of(), 1, new Activation.Clip(0, 20));
    Tensor y =
        run(
            conv,
            Tensor.of(new float[] {1, 2, 3}, 1, 1, 3),
            Tensor.of(new float[] {1, 1}, 1, 1, 2),
            Tensor.of(new float[] {-10}),
            Tensor.of(new float[] {20, 5}, 1, 1, 2));
    assertThat(y.toFloatArray()).containsExactly(13, 0);
    assertThat(run(conv, ones(1, 1, 2), ones(1, 1, 1), null, ones(1, 1, 2)).toFloatArray())
        .containsExactly(2, 2);
    assertThatThrownBy(() -> run(conv, ones(1, 1, 2), ones(1, 1, 1), null, ones(1, 1, 1)))
        .isInstanceOf(ShapeMismatchException.class);
  }

  @Test
  void matrixProductScalesTransposesAndAdds() {
    Tensor y =
        run(
            new FusedMatMul(true, 0.5f, Activation.RELU),
            counting(2, 1, 2),
            counting(3, 2),
            Tensor.of(new float[] {0, -2, 0}),
            Tensor.of(new float[] {0, 0, 1, 0, 0, 1}, 2, 1, 3));
    // a · b' = 1 3 5 and 3 13 23.
    assertThat(y.toFloatArray()).containsExactly(0.5f, 0, 3.5f, 1.5f, 4.5f, 12.5f);
  }
}
