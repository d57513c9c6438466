package dev.tinytitan.op;

import dev.tinytitan.tensor.Tensor;

/**
 * Mean and variance (of the elements as the whole population) of part of a tensor; NaN of nothing.
 */
record Moments(double mean, double variance) {

  /** Of {@code length} elements from {@code start} on. */
  static Moments of(Tensor x, int start, int length) {
    double sum = 0;
    for (int i = start; i < start + length; i++) {
      sum += x.getDouble(i);
    }
    double mean = sum / length;
    double squares = 0;
    for (int i = start; i < start + length; i++) {
      double deviation = x.getDouble(i) - mean;
      squares += deviation * deviation;
    }
    return new Moments(mean, squares / length);
  }

  /** Of the elements at {@code start} plus each offset. */
  static Moments of(Tensor x, int start, int[] offsets) {
    double sum = 0;
    for (int offset : offsets) {
      sum += x.getDouble(start + offset);
    }
    double mean = sum / offsets.length;
    double squares = 0;
    for (int offset : offsets) {
      double deviation = x.getDouble(start + offset) - mean;
      squares += deviation * deviation;
    }
    return new Moments(mean, squares / offsets.length);
  }
}
