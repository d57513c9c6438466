package dev.tinytitan.compress.prune;

import dev.tinytitan.compress.math.Cholesky;

/**
 * Sets weights of one matrix to zero and lets those that are not decided yet make up for it, column
 * by column: optimal brain surgeon with one inverse Hessian for all rows (SparseGPT, Frantar and
 * Alistarh 2023, arXiv:2301.00774).
 */
final class SparseGpt {
  private SparseGpt() {}

  /**
   * Prunes rows that see the same inputs.
   *
   * @param weights of these rows, row by row; overwritten
   * @param moments the second moments of their inputs, a row for each column of the weights
   */
  static void prune(double[] weights, double[][] moments, SparseOptions options) {
    int columns = moments.length;
    int rows = weights.length / columns;
    double[] factor = inverseFactor(moments, options.damping());
    int width = blockWidth(options, columns);
    for (int from = 0; from < columns; from += width) {
      int to = Math.min(columns, from + width);
      boolean[] zero =
          pick(weights, columns, factor, from, to, options.pattern(), options.sparsity());
      for (int row = 0; row < rows; row++) {
        settle(weights, row, columns, factor, from, to, zero);
      }
    }
  }

  /** Columns that are decided about at once: whole groups and blocks of the pattern. */
  private static int blockWidth(SparseOptions options, int columns) {
    int unit =
        options.pattern() instanceof SparsePattern.NOfM(int _, int of)
            ? of
            : options.pattern().blockColumns();
    int width = Math.max(unit, options.columnBlock() / unit * unit);
    return Math.min(width, columns + unit);
  }

  private static boolean[] pick(
      double[] weights,
      int columns,
      double[] factor,
      int from,
      int to,
      SparsePattern pattern,
      double sparsity) {
    int rows = weights.length / columns;
    int width = to - from;
    double[] scores = new double[rows * width];
    for (int row = 0; row < rows; row++) {
      for (int column = from; column < to; column++) {
        double ratio = weights[row * columns + column] / factor[column * columns + column];
        scores[row * width + column - from] = ratio * ratio;
      }
    }
    return MaskSelection.pick(scores, width, pattern, sparsity, false);
  }

  /** Zeroes what was picked in one row, and spreads each error over the columns behind it. */
  private static void settle(
      double[] weights, int row, int columns, double[] factor, int from, int to, boolean[] zero) {
    int start = row * columns;
    for (int column = from; column < to; column++) {
      if (!zero[row * (to - from) + column - from]) {
        continue;
      }
      int line = column * columns;
      double error = weights[start + column] / factor[line + column];
      weights[start + column] = 0;
      for (int j = column + 1; j < columns; j++) {
        weights[start + j] -= error * factor[line + j];
      }
    }
  }

  /**
   * The upper triangular U with {@code Uᵀ U = A⁻¹}, row by row, zeros below.
   *
   * @param matrix A, without the damping
   */
  static double[] inverseFactor(double[][] matrix, double damping) {
    // With J the reversal of rows and columns, and J A J = L Lᵀ: A⁻¹ = (J L⁻ᵀ J)(J L⁻¹ J), whose
    // second factor is upper triangular.
    int n = matrix.length;
    double[][] reversed = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        reversed[i][j] = matrix[n - 1 - i][n - 1 - j];
      }
    }
    double[][] inverse = inverse(Cholesky.damped(reversed, damping));
    double[] upper = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        upper[i * n + j] = inverse[n - 1 - i][n - 1 - j];
      }
    }
    return upper;
  }

  /** The inverse of the factor, lower triangular as it is: each row is a sum of rows before it. */
  private static double[][] inverse(Cholesky factor) {
    double[][] inverse = new double[factor.size()][];
    for (int i = 0; i < inverse.length; i++) {
      double[] lower = factor.row(i);
      double[] row = new double[i + 1];
      for (int k = 0; k < i; k++) {
        double weight = lower[k];
        double[] other = inverse[k];
        for (int j = 0; j <= k; j++) {
          row[j] -= weight * other[j];
        }
      }
      for (int j = 0; j < i; j++) {
        row[j] /= lower[i];
      }
      row[i] = 1 / lower[i];
      inverse[i] = row;
    }
    return inverse;
  }
}
