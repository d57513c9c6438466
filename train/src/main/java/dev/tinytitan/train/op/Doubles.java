package dev.tinytitan.train.op;

import dev.tinytitan.tensor.Tensor;

/** Storing results that references computed in float64. */
final class Doubles {
  private Doubles() {}

  static void store(double[] values, Tensor tensor) {
    for (int i = 0; i < values.length; i++) {
      tensor.setDouble(i, values[i]);
    }
  }
}
