package dev.tinytitan.compress.math;

/**
 * The lower triangular factor {@code L} of a symmetric positive definite matrix, {@code A = L Lᵀ}.
 * Immutable.
 */
public final class Cholesky {
  /** How often damping grows tenfold before a matrix is given up. */
  private static final int MOST_TRIES = 12;

  private final double[][] lower;

  private Cholesky(double[][] lower) {
    this.lower = lower;
  }

  /**
   * Factors a matrix after adding to its diagonal, so that what was never seen counts a little, and
   * rounding errors do not matter.
   *
   * @param matrix square and symmetric; only its lower triangle is read, and it is not changed
   * @param share what is added, as a share of the diagonal's mean; above 0. Grows tenfold where it
   *     is not enough
   * @throws ArithmeticException if the matrix holds NaN or infinity
   */
  public static Cholesky damped(double[][] matrix, double share) {
    double mean = 0;
    for (int i = 0; i < matrix.length; i++) {
      mean += matrix[i][i] / matrix.length;
    }
    double added = Math.max(share * mean, Double.MIN_NORMAL / share);
    for (int i = 0; i < MOST_TRIES; i++, added *= 10) {
      double[][] lower = factor(matrix, added);
      if (lower.length == matrix.length) {
        return new Cholesky(lower);
      }
    }
    throw new ArithmeticException("a matrix of " + matrix.length + " rows has no Cholesky factor");
  }

  /** The factor; fewer rows where the matrix turns out not to be positive definite. */
  private static double[][] factor(double[][] matrix, double added) {
    double[][] lower = new double[matrix.length][];
    for (int i = 0; i < lower.length; i++) {
      double[] row = new double[i + 1];
      for (int j = 0; j < i; j++) {
        row[j] = (matrix[i][j] - dot(row, lower[j], j)) / lower[j][j];
      }
      double square = matrix[i][i] + added - dot(row, row, i);
      if (!(square > 0) || Double.isInfinite(square)) {
        return new double[0][];
      }
      row[i] = Math.sqrt(square);
      lower[i] = row;
    }
    return lower;
  }

  /** Four sums side by side: one alone would wait for each addition. */
  private static double dot(double[] a, double[] b, int length) {
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    int i = 0;
    for (; i + 3 < length; i += 4) {
      sum0 += a[i] * b[i];
      sum1 += a[i + 1] * b[i + 1];
      sum2 += a[i + 2] * b[i + 2];
      sum3 += a[i + 3] * b[i + 3];
    }
    for (; i < length; i++) {
      sum0 += a[i] * b[i];
    }
    return sum0 + sum1 + (sum2 + sum3);
  }

  /** The number of rows and columns. */
  public int size() {
    return lower.length;
  }

  /**
   * Row {@code i} of the factor, its {@code i + 1} elements up to the diagonal; not to be changed.
   */
  public double[] row(int i) {
    return lower[i];
  }

  /**
   * Solves {@code A x = b}.
   *
   * @param b one element for each row; x afterwards
   */
  public void solve(double[] b) {
    for (int i = 0; i < lower.length; i++) {
      b[i] = (b[i] - dot(lower[i], b, i)) / lower[i][i];
    }
    for (int i = lower.length - 1; i >= 0; i--) {
      double[] row = lower[i];
      b[i] /= row[i];
      for (int j = 0; j < i; j++) {
        b[j] -= b[i] * row[j];
      }
    }
  }
}
