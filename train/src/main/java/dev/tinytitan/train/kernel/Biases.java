package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.ElementOperations;
import dev.tinytitan.kernel.PairFunction;

/** Adding a vector to rows. */
final class Biases {
  private Biases() {}

  /**
   * Adds a vector to some rows of a matrix of as many columns.
   *
   * @param start where row 0 lies
   */
  static void add(
      ElementOperations operations,
      float[] bias,
      int columns,
      float[] y,
      int start,
      int rowFrom,
      int rowTo) {
    for (int row = rowFrom; row < rowTo; row++) {
      int at = start + row * columns;
      operations.combine(PairFunction.ADD, y, at, bias, 0, y, at, columns);
    }
  }
}
