package dev.tinytitan.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FusedAttentionTest {
  @Test
  void equalKeysGiveTheMeanOfTheValues() {
    Tensor q = Tensor.of(new float[] {1, 2, 3, 4}, 1, 2, 2);
    Tensor k = Tensor.of(new float[] {1, 1, 1, 1}, 1, 2, 2);
    Tensor v = Tensor.of(new float[] {2, 10, 4, 30}, 1, 2, 2);

    Tensor y = RunOperator.run(new FusedAttention(1, 0.5f, false), q, k, v, null);

    assertThat(y).isEqualTo(Tensor.of(new float[] {3, 20, 3, 20}, 1, 2, 2));
  }

  @Test
  void headsLieSideBySide() {
    // With one key, each head gives its own value whatever the weights.
    Tensor q = Tensor.of(new float[] {1, 2}, 1, 1, 2);
    Tensor v = Tensor.of(new float[] {5, 7}, 1, 1, 2);

    assertThat(RunOperator.run(new FusedAttention(2, 1, false), q, q, v, null)).isEqualTo(v);
  }

  @Test
  void theMaskHidesAKey() {
    Tensor q = Tensor.of(new float[] {1, 2}, 1, 2, 1);
    Tensor v = Tensor.of(new float[] {5, 7}, 1, 2, 1);
    Tensor mask = Tensor.of(new float[] {0, -3.4e38f}, 1, 1, 1, 2);

    Tensor y = RunOperator.run(new FusedAttention(1, 1, false), q, q, v, mask);

    assertThat(y).isEqualTo(Tensor.of(new float[] {5, 5}, 1, 2, 1));
  }

  @Test
  void weightsAreTheSoftmaxOfScaledProducts() {
    Tensor q = Tensor.of(new float[] {2}, 1, 1, 1);
    Tensor k = Tensor.of(new float[] {1, 3}, 1, 2, 1);
    Tensor v = Tensor.of(new float[] {0, 1}, 1, 2, 1);

    Tensor y = RunOperator.run(new FusedAttention(1, 0.25f, false), q, k, v, null);

    // Scores 0.5 and 1.5: the second weight is 1 / (1 + e^-1).
    assertThat(y.getFloat(0)).isCloseTo((float) (1 / (1 + Math.exp(-1))), within(1e-7f));
  }

  @Test
  void packedMeansTheSame() {
    float[] data = new float[2 * 3 * 12];
    for (int i = 0; i < data.length; i++) {
      data[i] = (i * 37 % 23) / 11f - 1;
    }
    Tensor packed = Tensor.of(data, 2, 3, 12);
    Tensor[] parts = new Tensor[3];
    for (int part = 0; part < 3; part++) {
      float[] rows = new float[2 * 3 * 4];
      for (int row = 0; row < 6; row++) {
        System.arraycopy(data, row * 12 + part * 4, rows, row * 4, 4);
      }
      parts[part] = Tensor.of(rows, 2, 3, 4);
    }
    Tensor mask = Tensor.of(new float[] {0, -1, 1}, 3);

    assertThat(RunOperator.run(new FusedAttention(2, 0.7f, true), packed, mask))
        .isEqualTo(
            RunOperator.run(
                new FusedAttention(2, 0.7f, false), parts[0], parts[1], parts[2], mask));
  }

  @Test
  void widthsThatDoNotFitAreRefused() {
    Tensor q = Tensor.of(new float[3], 1, 1, 3);
    assertThatThrownBy(() -> RunOperator.run(new FusedAttention(2, 1, false), q, q, q, null))
        .isInstanceOf(ShapeMismatchException.class)
        .hasMessageContaining("3 columns do not make 2 equal heads");
  }

  @Test
  void costCountsBothProducts() {
    TensorType type = TensorType.of(DType.FLOAT32, 2, 3, 4);
    assertThat(
            new FusedAttention(2, 1, false)
                .cost(Arrays.asList(type, type, type), Arrays.asList(type))
                .multiplyAdds())
        .isEqualTo(2 * 3 * 3 * 8);
  }
}
