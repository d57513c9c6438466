package dev.tinytitan.bench;

import dev.tinytitan.tensor.Tensor;

/** How near two tensors are to each other. */
final class Agreement {
  private Agreement() {}

  /**
   * The largest difference, relative to the largest magnitude of {@code expected}; NaN equals NaN.
   *
   * @throws IllegalArgumentException if dtypes or shapes differ
   */
  static double relativeToMax(Tensor expected, Tensor actual) {
    if (expected.dtype() != actual.dtype() || !expected.shape().equals(actual.shape())) {
      throw new IllegalArgumentException(
          "expected "
              + expected.dtype()
              + expected.shape()
              + ", got "
              + actual.dtype()
              + actual.shape());
    }
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.size(); i++) {
      double a = expected.getDouble(i);
      double b = actual.getDouble(i);
      largest = Math.max(largest, Math.abs(a));
      if (Double.isNaN(a) != Double.isNaN(b)) {
        return Double.POSITIVE_INFINITY;
      }
      difference = Math.max(difference, Double.isNaN(a) ? 0 : Math.abs(a - b));
    }
    return largest == 0 ? difference : difference / largest;
  }
}
