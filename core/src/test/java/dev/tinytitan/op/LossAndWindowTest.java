package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class LossAndWindowTest {
  private static final Tensor LOG_PROBABILITIES =
      Tensor.of(new float[] {-1, -2, -3, -4, -5, -6}, 3, 2);
  private static final Tensor LABELS = Tensor.of(new long[] {0, 1, 1});
  private static final Tensor WEIGHTS = Tensor.of(new float[] {2, 1});

  private static NegativeLogLikelihoodLoss loss(LossReduction reduction, Long ignored) {
    return new NegativeLogLikelihoodLoss(reduction, ignored);
  }

  @Test
  void lossesAreKeptSummedOrAveraged() {
    assertThat(run(loss(LossReduction.NONE, null), LOG_PROBABILITIES, LABELS).toFloatArray())
        .containsExactly(1, 4, 6);
    assertThat(run(loss(LossReduction.SUM, null), LOG_PROBABILITIES, LABELS).getFloat(0))
        .isEqualTo(11);
    assertThat(run(loss(LossReduction.MEAN, null), LOG_PROBABILITIES, LABELS, WEIGHTS).getFloat(0))
        .isEqualTo(3);
  }

  @Test
  void ignoredClassesCountNothing() {
    assertThat(run(loss(LossReduction.MEAN, 1L), LOG_PROBABILITIES, LABELS, WEIGHTS).getFloat(0))
        .isEqualTo(1);
    Tensor outside = Tensor.of(new long[] {-100, 1, 1});
    assertThat(run(loss(LossReduction.NONE, -100L), LOG_PROBABILITIES, outside).toFloatArray())
        .containsExactly(0, 4, 6);
    assertThatThrownBy(() -> run(loss(LossReduction.SUM, null), LOG_PROBABILITIES, outside))
        .isInstanceOf(ShapeMismatchException.class)
        .hasMessageContaining("-100");
  }

  @Test
  void determinantsOfMatrices() {
    Tensor x = Tensor.of(new float[] {0, 2, 3, 4, 1, 2, 2, 4}, 2, 2, 2);
    assertThat(run(new Det(), x).toFloatArray()).containsExactly(-6, 0);
    assertThat(run(new Det(), Tensor.zeros(DType.FLOAT32, Shape.of(0, 0))).toFloatArray())
        .containsExactly(1);
  }

  @Test
  void windowsOfBothKinds() {
    Tensor four = Tensor.scalar(4L);
    Offset<Float> close = Offset.offset(1e-6f);
    assertThat(run(new HannWindow(DType.FLOAT32, true), four).toFloatArray())
        .containsExactly(new float[] {0, 0.5f, 1, 0.5f}, close);
    assertThat(run(new HannWindow(DType.FLOAT32, false), four).toFloatArray())
        .containsExactly(new float[] {0, 0.75f, 0.75f, 0}, close);
    assertThat(run(new HammingWindow(DType.FLOAT32, true), four).toFloatArray())
        .containsExactly(new float[] {4 / 46f, 25 / 46f, 1, 25 / 46f}, close);
    assertThat(run(new BlackmanWindow(DType.FLOAT64, true), four).toFloatArray())
        .containsExactly(new float[] {0, 0.34f, 1, 0.34f}, close);
    assertThat(run(new HannWindow(DType.FLOAT32, false), Tensor.scalar(1L)).toFloatArray())
        .containsExactly(0);
    assertThat(run(new HannWindow(DType.FLOAT32, true), Tensor.scalar(0L)).size()).isZero();
  }
}
