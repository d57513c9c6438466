package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.counting;
import static dev.tinytitan.op.RunOperator.ones;
import static dev.tinytitan.op.RunOperator.run;
import static dev.tinytitan.op.RunOperator.runAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class NormalizationTest {
  /** What 0, 1, 2, 3 becomes with mean 0 and variance 1. */
  private static final float[] FOUR = {-1.3416408f, -0.4472136f, 0.4472136f, 1.3416408f};

  private static final Offset<Float> CLOSE = Offset.offset(1e-6f);

  @Test
  void layerNormalizationTellsItsStatistics() {
    List<Tensor> outputs =
        runAll(
            new LayerNormalization(1, 0, DType.FLOAT32),
            3,
            counting(2, 2, 2),
            Tensor.of(new float[] {1, 2}),
            Tensor.of(new float[] {10}, 1));
    assertThat(outputs.get(0).toFloatArray())
        .containsExactly(
            new float[] {
              10 + FOUR[0], 10 + 2 * FOUR[1], 10 + FOUR[2], 10 + 2 * FOUR[3],
              10 + FOUR[0], 10 + 2 * FOUR[1], 10 + FOUR[2], 10 + 2 * FOUR[3]
            },
            CLOSE);
    assertThat(outputs.get(1)).isEqualTo(Tensor.of(new float[] {1.5f, 5.5f}, 2, 1, 1));
    assertThat(outputs.get(2).getFloat(0)).isEqualTo(0.8944272f);
  }

  @Test
  void rootMeanSquareKeepsTheMean() {
    Tensor y =
        run(
            new RMSNormalization(-1, 0, DType.FLOAT32),
            Tensor.of(new float[] {3, 4, 0, 0}),
            Tensor.of(new float[] {1, 1, 1, 2}));
    assertThat(y.toFloatArray()).containsExactly(new float[] {1.2f, 1.6f, 0, 0}, CLOSE);
  }

  @Test
  void instanceAndGroupNormalizationScaleByChannel() {
    Tensor scale = Tensor.of(new float[] {1, -1});
    Tensor bias = Tensor.of(new float[] {0, 5});
    assertThat(run(new InstanceNormalization(0), counting(1, 2, 4), scale, bias).toFloatArray())
        .containsExactly(
            new float[] {
              FOUR[0], FOUR[1], FOUR[2], FOUR[3], 5 - FOUR[0], 5 - FOUR[1], 5 - FOUR[2], 5 - FOUR[3]
            },
            CLOSE);
    GroupNormalization oneGroup = new GroupNormalization(1, 0, DType.FLOAT32);
    assertThat(run(oneGroup, counting(1, 2, 2), scale, bias).toFloatArray())
        .containsExactly(new float[] {FOUR[0], FOUR[1], 5 - FOUR[2], 5 - FOUR[3]}, CLOSE);
    assertThatThrownBy(
            () -> run(new GroupNormalization(3, 0, DType.FLOAT32), counting(1, 2), scale, bias))
        .isInstanceOf(ShapeMismatchException.class)
        .hasMessageContaining("groups");
  }

  @Test
  void batchNormalizationUsesGivenOrOwnStatistics() {
    Tensor x = counting(2, 1, 2);
    Tensor scale = Tensor.of(new float[] {2});
    Tensor bias = Tensor.of(new float[] {1});
    Tensor mean = Tensor.of(new float[] {1});
    Tensor variance = Tensor.of(new float[] {4});
    assertThat(
            run(new BatchNormalization(0, 0.9f, false), x, scale, bias, mean, variance)
                .toFloatArray())
        .containsExactly(0, 1, 2, 3);
    List<Tensor> outputs =
        runAll(new BatchNormalization(0, 0.75f, true), 3, x, scale, bias, mean, variance);
    assertThat(outputs.get(0).getFloat(0)).isCloseTo(1 + 2 * FOUR[0], CLOSE);
    assertThat(outputs.get(1).toFloatArray()).containsExactly(1.125f);
    assertThat(outputs.get(2).toFloatArray()).containsExactly(3.3125f);
  }

  @Test
  void neighboursAcrossChannelsDampen() {
    Tensor y = run(new LRN(3, 3, 1, 1), ones(1, 3, 1, 1));
    assertThat(y.toFloatArray()).containsExactly(1 / 3f, 0.25f, 1 / 3f);
    // An even size has one neighbour more behind than before.
    assertThat(run(new LRN(2, 2, 1, 1), ones(1, 3, 1, 1)).toFloatArray())
        .containsExactly(1 / 3f, 1 / 3f, 0.5f);
  }

  @Test
  void meanVarianceNormalizationAlongChosenAxes() {
    Tensor y = run(new MeanVarianceNormalization(List.of(0, 2)), counting(2, 1, 2));
    assertThat(y.toFloatArray()).containsExactly(FOUR, CLOSE);
  }

  @Test
  void normsOfOneAndTwo() {
    Tensor x = Tensor.of(new float[] {3, -4, 0, 0}, 2, 2);
    assertThat(run(new LpNormalization(1, 1), x).toFloatArray())
        .containsExactly(new float[] {3 / 7f, -4 / 7f, Float.NaN, Float.NaN}, CLOSE);
    assertThat(run(new LpNormalization(0, 2), x).toFloatArray()).containsExactly(1, -1, 0, 0);
  }

  @Test
  void emptyBatchesPass() {
    Tensor none = Tensor.zeros(DType.FLOAT32, Shape.of(0, 2, 3));
    Tensor perChannel = ones(2);
    assertThat(run(new InstanceNormalization(0), none, perChannel, perChannel).size()).isZero();
    assertThat(run(new LayerNormalization(2, 0, DType.FLOAT32), none, ones(3)).size()).isZero();
  }
}
