package dev.tinytitan.train.kernel;

/** Adding a vector to rows. */
final class Biases {
  private Biases() {}

  /**
   * Adds a vector to some rows of a matrix of as many columns.
   *
   * @param start where row 0 lies
   */
  static void add(float[] bias, int columns, float[] y, int start, int rowFrom, int rowTo) {
    for (int row = rowFrom; row < rowTo; row++) {
      addRow(bias, columns, y, start + row * columns);
    }
  }

  private static void addRow(float[] bias, int columns, float[] y, int at) {
    for (int i = 0; i < columns; i++) {
      y[at + i] += bias[i];
    }
  }
}
