package dev.tinytitan.compress.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HessianAccumulatorTest {

  private static Tensor random(long seed, int... dims) {
    Random random = new Random(seed);
    float[] values = new float[Shape.of(dims).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.5 + random.nextGaussian());
    }
    return Tensor.of(values, dims);
  }

  private static Conv conv(int group) {
    return new Conv(Window.of().withStrides(2, 1).withPads(1, 0, 1, 2).withDilations(1, 2), group);
  }

  /** Rows times weights are what the operator itself gives. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 6})
  void rowsAreWhatAConvolutionMultiplies(int group) {
    Tensor x = random(1, 2, 6, 7, 9);
    Tensor w = random(2, 12, 6 / group, 3, 3);
    Tensor y = eval(conv(group), x, w);
    LayerInput input = LayerInput.of(conv(group), w.shape());
    assertThat(input.groups()).isEqualTo(group);
    LayerInput.Rows rows = input.rows(x);
    int plane = y.shape().sizeBetween(2, 4);
    assertThat(rows.count()).isEqualTo(2 * plane);
    double[] row = new double[input.width()];
    for (int index = 0; index < rows.count(); index++) {
      for (int channel = 0; channel < 12; channel++) {
        rows.copy(index, channel / (12 / group), row);
        double sum = 0;
        for (int i = 0; i < row.length; i++) {
          sum += row[i] * w.getFloat(channel * row.length + i);
        }
        int at = (index / plane * 12 + channel) * plane + index % plane;
        assertThat(sum).isCloseTo(y.getFloat(at), within(1e-4));
      }
    }
  }

  private static Tensor eval(Operator operator, Tensor... inputs) {
    return Objects.requireNonNull(
        Interpreter.eval(
                Node.of("node", operator, List.of("x", "w"), List.of("y")), List.of(inputs))
            .get(0));
  }

  @Test
  void productsHaveTheVectorsOfTheirInput() {
    LayerInput.Rows rows = LayerInput.of(new MatMul(), Shape.of(5, 3)).rows(random(3, 2, 4, 5));
    assertThat(rows.count()).isEqualTo(8);
    assertThat(LayerInput.of(new Gemm(1, 1, false, true), Shape.of(3, 5)).width()).isEqualTo(5);
    assertThatThrownBy(() -> LayerInput.of(new Relu(), Shape.of(3, 5)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void momentsAreThoseOfAllRows() {
    Tensor before = random(4, 70, 3);
    Tensor now = random(5, 70, 3);
    HessianAccumulator accumulator =
        new HessianAccumulator(LayerInput.of(new MatMul(), Shape.of(3, 2)), 1000);
    accumulator.add(before, now);
    accumulator.add(before, now);
    HessianAccumulator.Moments plain = accumulator.moments(0, false);
    HessianAccumulator.Moments centred = accumulator.moments(0, true);
    assertThat(plain.count()).isEqualTo(140);
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        double square = 0;
        double product = 0;
        for (int row = 0; row < 70; row++) {
          square += now.getFloat(row * 3 + i) * now.getFloat(row * 3 + j) / 70;
          product += now.getFloat(row * 3 + i) * before.getFloat(row * 3 + j) / 70;
        }
        double means = centred.actualMean()[i] * centred.actualMean()[j];
        double crossMeans = centred.actualMean()[i] * centred.originalMean()[j];
        assertThat(plain.covariance()[i][j]).isCloseTo(square, within(1e-6));
        assertThat(plain.cross()[i][j]).isCloseTo(product, within(1e-6));
        assertThat(centred.covariance()[i][j]).isCloseTo(square - means, within(1e-6));
        assertThat(centred.cross()[i][j]).isCloseTo(product - crossMeans, within(1e-6));
      }
    }
  }

  @Test
  void takesNoMoreRowsThanItMay() {
    HessianAccumulator accumulator =
        new HessianAccumulator(LayerInput.of(conv(6), Shape.of(12, 1, 3, 3)), 5);
    accumulator.add(random(6, 1, 6, 7, 9));
    accumulator.add(random(7, 1, 6, 7, 9));
    assertThat(accumulator.moments(5, false).count()).isEqualTo(10);
    assertThat(accumulator.moments(0, true).width()).isEqualTo(9);
  }
}
