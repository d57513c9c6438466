package dev.tinytitan.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import org.junit.jupiter.api.Test;

class QuantizedMatMulTest {
  // The range -1..254/… is chosen so that one step of x is exactly 1 and its zero point 1.
  private static final Tensor X = Tensor.of(new float[] {-1, 254, 2, 0.4f}, 2, 2);

  @Test
  void stepsAreMultipliedAndScaled() {
    Tensor w = Tensor.of(new byte[] {1, -2, 3, 4}, 2, 2);

    Tensor y =
        RunOperator.run(
            new QuantizedMatMul(Activation.NONE), X, w, Tensor.scalar(0.5f), null, null);

    assertThat(y)
        .isEqualTo(
            Tensor.of(
                new float[] {(-1 + 254 * 3) * 0.5f, (2 + 254 * 4) * 0.5f, 2 * 0.5f, -4 * 0.5f},
                2,
                2));
  }

  @Test
  void scalesZeroPointsAndBiasAreOfColumns() {
    Tensor w = Tensor.ofUnsigned(new byte[] {1, (byte) 200, 3, 4}, 2, 2);
    Tensor zero = Tensor.ofUnsigned(new byte[] {1, (byte) 190});

    Tensor y =
        RunOperator.run(
            new QuantizedMatMul(Activation.NONE),
            X,
            w,
            Tensor.of(new float[] {2, 0.5f}),
            zero,
            Tensor.of(new float[] {100, -100}));

    assertThat(y)
        .isEqualTo(
            Tensor.of(
                new float[] {
                  254 * 2 * 2 + 100, (-10 + 254 * (4 - 190)) * 0.5f - 100, 100, 2 * 10 * 0.5f - 100
                },
                2,
                2));
  }

  @Test
  void depthsThatDifferAreRefused() {
    Tensor w = Tensor.zeros(DType.INT8, Shape.of(3, 1));
    assertThatThrownBy(
            () -> RunOperator.run(new QuantizedMatMul(Activation.NONE), X, w, Tensor.scalar(1f)))
        .isInstanceOf(ShapeMismatchException.class)
        .hasMessageContaining("Cannot multiply");
  }
}
