package dev.tinytitan.compress.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CholeskyTest {

  private static double[][] positive(int size, long seed) {
    Random random = new Random(seed);
    double[][] factor = new double[size][size];
    for (double[] row : factor) {
      for (int i = 0; i < size; i++) {
        row[i] = random.nextGaussian();
      }
    }
    double[][] matrix = new double[size][size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        for (int k = 0; k < size; k++) {
          matrix[i][j] += factor[i][k] * factor[j][k];
        }
      }
    }
    return matrix;
  }

  @Test
  void theFactorTimesItsTransposeIsTheDampedMatrix() {
    double[][] matrix = positive(13, 1);
    double added = 0;
    for (int i = 0; i < 13; i++) {
      added += 0.5 * matrix[i][i] / 13;
    }
    Cholesky factor = Cholesky.damped(matrix, 0.5);
    for (int i = 0; i < 13; i++) {
      for (int j = 0; j <= i; j++) {
        double product = 0;
        for (int k = 0; k <= j; k++) {
          product += factor.row(i)[k] * factor.row(j)[k];
        }
        assertThat(product).isCloseTo(matrix[i][j] + (i == j ? added : 0), within(1e-9));
      }
    }
  }

  @Test
  void solves() {
    double[][] matrix = positive(9, 2);
    double[] right = new double[9];
    for (int i = 0; i < 9; i++) {
      for (int j = 0; j < 9; j++) {
        right[i] += matrix[i][j] * (j + 1);
      }
    }
    Cholesky.damped(matrix, 1e-15).solve(right);
    for (int i = 0; i < 9; i++) {
      assertThat(right[i]).isCloseTo(i + 1, within(1e-6));
    }
  }

  @Test
  void dampsAsMuchAsASingularMatrixNeeds() {
    double[][] ones = {{1, 1, 1}, {1, 1, 1}, {1, 1, 1 - 1e-3}};
    assertThat(Cholesky.damped(ones, 1e-9).size()).isEqualTo(3);
    assertThat(Cholesky.damped(new double[4][4], 0.01).row(3)[3]).isPositive();
    assertThatThrownBy(() -> Cholesky.damped(new double[][] {{Double.NaN}}, 0.01))
        .isInstanceOf(ArithmeticException.class);
  }
}
