package dev.tinytitan.compress.prune;

/**
 * The sum of products of a layer's inputs with each other, gathered row by row: half the Hessian of
 * its squared output error. Memory is its size, whatever the number of rows. Not thread-safe.
 */
final class SecondMoment {
  private final int size;
  private final boolean diagonalOnly;
  private final double[] products;
  private long count;

  /**
   * @param size inputs
   * @param diagonalOnly whether only the squares are wanted
   */
  SecondMoment(int size, boolean diagonalOnly) {
    this.size = size;
    this.diagonalOnly = diagonalOnly;
    this.products = new double[diagonalOnly ? size : size * size];
  }

  void add(double[] row) {
    count++;
    for (int i = 0; i < size; i++) {
      double x = row[i];
      if (diagonalOnly) {
        products[i] += x * x;
      } else if (x != 0) {
        int start = i * size;
        // The upper triangle.
        for (int j = i; j < size; j++) {
          products[start + j] += x * row[j];
        }
      }
    }
  }

  /** Rows that were added. */
  long count() {
    return count;
  }

  /** The mean square of an input. */
  double meanSquare(int input) {
    return count == 0 ? 0 : products[diagonalOnly ? input : input * size + input] / count;
  }

  /**
   * The mean of products, both triangles, with a share of the diagonal's mean added to the
   * diagonal.
   */
  double[] damped(double damping) {
    double[] matrix = new double[size * size];
    double trace = 0;
    for (int i = 0; i < size; i++) {
      for (int j = i; j < size; j++) {
        matrix[i * size + j] = products[i * size + j] / Math.max(1, count);
        matrix[j * size + i] = matrix[i * size + j];
      }
      trace += matrix[i * size + i];
    }
    double added = trace == 0 ? 1 : damping * trace / size;
    for (int i = 0; i < size; i++) {
      matrix[i * size + i] += added;
    }
    return matrix;
  }
}
