package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FourierTest {
  private static Tensor random(int seed, int... dims) {
    Random random = new Random(seed);
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (float) random.nextGaussian());
    }
    return tensor;
  }

  private static Tensor axis(long axis) {
    return Tensor.scalar(axis);
  }

  /** Lengths of both kinds: split all the way, in part, and not at all. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8, 12, 15})
  void followsTheDefinition(int length) {
    Tensor x = random(length, 1, length, 2);
    Tensor y = run(new DFT(false, false), x);
    for (int k = 0; k < length; k++) {
      double real = 0;
      double imaginary = 0;
      for (int i = 0; i < length; i++) {
        double angle = -2 * Math.PI * i * k / length;
        real += x.getFloat(2 * i) * Math.cos(angle) - x.getFloat(2 * i + 1) * Math.sin(angle);
        imaginary += x.getFloat(2 * i) * Math.sin(angle) + x.getFloat(2 * i + 1) * Math.cos(angle);
      }
      assertThat(y.getDouble(2 * k)).isCloseTo(real, Offset.offset(1e-5));
      assertThat(y.getDouble(2 * k + 1)).isCloseTo(imaginary, Offset.offset(1e-5));
    }
    assertClose(run(new DFT(true, false), y), x);
  }

  private static void assertClose(Tensor actual, Tensor expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.getFloat(i)).isCloseTo(expected.getFloat(i), Offset.offset(1e-5f));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 6})
  void oneSideHoldsAllOfARealSignal(int length) {
    Tensor x = random(3, 2, length, 3, 1);
    Tensor side = run(new DFT(false, true), x, null, axis(1));
    assertThat(side.shape().toArray()).containsExactly(2, length / 2 + 1, 3, 2);
    assertClose(run(new DFT(true, true), side, Tensor.scalar((long) length), axis(1)), x);
  }

  @Test
  void lengthCutsOrFillsUpAndNegativeAxesCount() {
    Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 3, 1);
    assertThat(run(new DFT(false, false), x, Tensor.scalar(2L)).toFloatArray())
        .containsExactly(3, 0, -1, 0);
    assertThat(run(new DFT(false, false), x, Tensor.scalar(4L), axis(-2)).toFloatArray())
        .containsExactly(6, 0, -2, -2, 2, 0, -2, 2);
    assertThatThrownBy(() -> run(new DFT(false, false), x, null, axis(-1)))
        .isInstanceOf(ShapeMismatchException.class);
    assertThatThrownBy(() -> run(new DFT(false, false), x, Tensor.scalar(0L)))
        .isInstanceOf(ShapeMismatchException.class);
    assertThat(RunOperator.infer(new DFT(false, false), 1, TensorType.unknown(DType.FLOAT32)))
        .containsExactly(TensorType.unknown(DType.FLOAT32));
  }

  @Test
  void shortTimeTransformOfAFrameIsItsTransform() {
    Tensor signal = random(5, 1, 10, 1);
    Tensor window = Tensor.of(new float[] {0.5f, 1, 1, 0.5f});
    Tensor y = run(new STFT(true), signal, Tensor.scalar(3L), window);
    assertThat(y.shape().toArray()).containsExactly(1, 3, 3, 2);
    Tensor frame = Tensor.zeros(DType.FLOAT32, Shape.of(1, 4, 1));
    for (int i = 0; i < 4; i++) {
      frame.setFloat(i, signal.getFloat(3 + i) * window.getFloat(i));
    }
    Tensor expected = run(new DFT(false, true), frame);
    for (int i = 0; i < 6; i++) {
      assertThat(y.getFloat(6 + i)).isCloseTo(expected.getFloat(i), Offset.offset(1e-5f));
    }
    assertThat(
            run(new STFT(false), signal, Tensor.scalar(3L), null, Tensor.scalar(4L))
                .shape()
                .toArray())
        .containsExactly(1, 3, 4, 2);
    assertThatThrownBy(() -> run(new STFT(true), signal, Tensor.scalar(0L), window))
        .isInstanceOf(ShapeMismatchException.class);
    assertThatThrownBy(() -> run(new STFT(true), signal, Tensor.scalar(1L)))
        .isInstanceOf(ShapeMismatchException.class);
  }

  @Test
  void melBandsAreTriangles() {
    Tensor y =
        run(
            new MelWeightMatrix(DType.FLOAT32),
            Tensor.scalar(4L),
            Tensor.scalar(64L),
            Tensor.scalar(8000L),
            Tensor.scalar(0f),
            Tensor.scalar(4000f));
    assertThat(y.shape().toArray()).containsExactly(33, 4);
    for (int band = 0; band < 4; band++) {
      float max = 0;
      for (int row = 0; row < 33; row++) {
        assertThat(y.getFloat(row * 4 + band)).isBetween(0f, 1f);
        max = Math.max(max, y.getFloat(row * 4 + band));
      }
      assertThat(max).isEqualTo(1);
    }
    assertThatThrownBy(() ->
            run(
                new MelWeightMatrix(DType.FLOAT32),
                Tensor.scalar(0L),
                Tensor.scalar(64L),
                Tensor.scalar(8000L),
                Tensor.scalar(0f),
                Tensor.scalar(4000f)))
        .isInstanceOf(ShapeMismatchException.class);
  }
}
