package dev.tinytitan.kernel;

import dev.tinytitan.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Integer weights as floats, with their zero points taken off, and the bias that makes up for the
 * activations' zero point: {@code Σ (x - z) · w = Σ x · w - z · Σ w}. Immutable.
 *
 * @param values the weights in their own order, less their zero points
 * @param bias one for each filter
 * @param isExact whether no sum, however it is added up, leaves the integers that float32 has
 */
record IntegerWeights(Floats values, Floats bias, boolean isExact) {
  private static final double EXACT = 0x1p24;

  /** An array in a record, by identity. */
  static final class Floats {
    final float[] array;

    Floats(float[] array) {
      this.array = array;
    }
  }

  /**
   * Weights whose filters lie {@code filterStride} apart, the elements of each {@code
   * elementStride}.
   *
   * @param zeroPoints one or one for each filter; null for 0
   * @param bias int32, one for each filter; null for 0
   * @param largest the greatest magnitude of an activation as it lies in memory
   */
  static IntegerWeights of(
      Tensor weights,
      int filters,
      int filterStride,
      int elements,
      int elementStride,
      @Nullable Tensor zeroPoints,
      @Nullable Tensor bias,
      int xZeroPoint,
      int largest) {
    float[] values = weights.toFloatArray();
    float[] adjusted = new float[filters];
    boolean exact = true;
    for (int filter = 0; filter < filters; filter++) {
      int zeroPoint =
          zeroPoints == null ? 0 : zeroPoints.getInt(zeroPoints.size() == 1 ? 0 : filter);
      long positive = 0;
      long negative = 0;
      for (int i = 0; i < elements; i++) {
        int index = filter * filterStride + i * elementStride;
        values[index] -= zeroPoint;
        long value = (long) values[index];
        positive += Math.max(value, 0);
        negative -= Math.min(value, 0);
      }
      long start =
          (bias == null ? 0 : bias.getLong(bias.size() == 1 ? 0 : filter))
              - xZeroPoint * (positive - negative);
      adjusted[filter] = start;
      exact &= Math.abs(start) + (double) largest * (positive + negative) <= EXACT;
    }
    return new IntegerWeights(new Floats(values), new Floats(adjusted), exact);
  }
}
