package dev.tinytitan.compress.prune;

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
   * @param inputs the second moment of their inputs
   */
  static void prune(
      double[] weights, int columns, SecondMoment inputs, SparseOptions options, double sparsity) {
    int rows = weights.length / columns;
    double[] factor = Cholesky.inverseFactor(inputs.damped(options.damping()), columns);
    int width = blockWidth(options, columns);
    for (int from = 0; from < columns; from += width) {
      int to = Math.min(columns, from + width);
      boolean[] zero = pick(weights, columns, factor, from, to, options.pattern(), sparsity);
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
}
