package dev.tinytitan.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Cutting vectors to a range. */
final class Clipping {
  private Clipping() {}

  /**
   * {@code v < low ? low : v > high ? high : v}; NaN stays NaN. By comparison, since {@code max}
   * and {@code min} take a handful of instructions each to order zeros by sign.
   */
  static FloatVector clip(FloatVector v, FloatVector low, FloatVector high) {
    return v.blend(low, v.compare(VectorOperators.LT, low))
        .blend(high, v.compare(VectorOperators.GT, high));
  }
}
