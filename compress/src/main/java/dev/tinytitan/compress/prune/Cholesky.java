package dev.tinytitan.compress.prune;

/** Factors symmetric positive definite matrices, row-major. */
final class Cholesky {
  private Cholesky() {}

  /**
   * The upper triangular U with {@code U^T U = A^-1}, zeros below.
   *
   * @param matrix A, n × n; overwritten
   * @throws ArithmeticException if A is not positive definite
   */
  static double[] inverseFactor(double[] matrix, int n) {
    // Reversing rows and columns turns A = L L^T into an upper factor of the inverse: with J the
    // reversal and J A J = L L^T, A^-1 = (J L^-T J)(J L^-1 J), and J L^-1 J is upper triangular.
    double[] reversed = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        reversed[i * n + j] = matrix[(n - 1 - i) * n + n - 1 - j];
      }
    }
    factor(reversed, n);
    double[] inverse = invertLower(reversed, n);
    double[] upper = matrix;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        upper[i * n + j] = j < i ? 0 : inverse[(n - 1 - i) * n + n - 1 - j];
      }
    }
    return upper;
  }

  /** Puts L with {@code L L^T = A} into the lower triangle of A. */
  private static void factor(double[] a, int n) {
    for (int j = 0; j < n; j++) {
      int rowJ = j * n;
      double diagonal = a[rowJ + j] - dot(a, rowJ, a, rowJ, j);
      if (!(diagonal > 0)) {
        throw new ArithmeticException("the matrix is not positive definite at " + j);
      }
      double root = Math.sqrt(diagonal);
      a[rowJ + j] = root;
      for (int i = j + 1; i < n; i++) {
        int rowI = i * n;
        a[rowI + j] = (a[rowI + j] - dot(a, rowI, a, rowJ, j)) / root;
      }
    }
  }

  private static double dot(double[] a, int aStart, double[] b, int bStart, int length) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 3 < length; i += 4) {
      s0 += a[aStart + i] * b[bStart + i];
      s1 += a[aStart + i + 1] * b[bStart + i + 1];
      s2 += a[aStart + i + 2] * b[bStart + i + 2];
      s3 += a[aStart + i + 3] * b[bStart + i + 3];
    }
    for (; i < length; i++) {
      s0 += a[aStart + i] * b[bStart + i];
    }
    return s0 + s1 + s2 + s3;
  }

  /** The inverse of a lower triangular matrix, row by row: each is a sum of rows before it. */
  private static double[] invertLower(double[] lower, int n) {
    double[] inverse = new double[n * n];
    for (int i = 0; i < n; i++) {
      int row = i * n;
      for (int k = 0; k < i; k++) {
        double factor = lower[row + k];
        if (factor != 0) {
          int other = k * n;
          for (int j = 0; j <= k; j++) {
            inverse[row + j] -= factor * inverse[other + j];
          }
        }
      }
      double scale = 1 / lower[row + i];
      for (int j = 0; j < i; j++) {
        inverse[row + j] *= scale;
      }
      inverse[row + i] = scale;
    }
    return inverse;
  }
}
