package dev.tinytitan.kernel;

import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Integer weights as floats, with their zero points taken off, and the bias that makes up for the
 * activations' zero point: {@code Σ (x - z) · w = Σ x · w - z · Σ w}. Immutable.
 *
 * <p>Where sums may leave the integers that float32 has, the product is cut into slices of its
 * depth whose sums cannot, and these are added up in int32.
 *
 * <p>A bias may be any int32, which float32 does not hold. It is cut in two: a low part that sums
 * start from, small enough for them to stay exact, and a high part, a multiple of 256 and so exact
 * as well, that is added last. That addition rounds once, as converting the int32 sum would.
 *
 * @param values the weights in their own order, less their zero points
 * @param low what sums start from, one for each filter
 * @param high what is added last, one for each filter; null if it is 0 for all
 * @param sliceDepth how many products can be added up without leaving the integers that float32
 *     has, in whatever order; {@link #WHOLE} if all can
 * @param starts what the int32 sums of slices start from, one for each filter; not used if all
 *     products can be added up
 */
record IntegerWeights(
    Floats values, Floats low, @Nullable Floats high, int sliceDepth, List<Integer> starts) {
  /** As a depth of slices: no slices are needed. */
  static final int WHOLE = Integer.MAX_VALUE;

  private static final double EXACT = 0x1p24;
  private static final int HIGH_UNIT = 256;

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
   * @param unsigned whether activations are from 0 to 255, not from -128 to 127
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
      boolean unsigned) {
    float[] values = weights.toFloatArray();
    float[] low = new float[filters];
    float[] high = new float[filters];
    Integer[] starts = new Integer[filters];
    double greatest = 1;
    boolean exact = true;
    boolean anyHigh = false;
    for (int filter = 0; filter < filters; filter++) {
      int zeroPoint =
          zeroPoints == null ? 0 : zeroPoints.getInt(zeroPoints.size() == 1 ? 0 : filter);
      long positive = 0;
      long negative = 0;
      for (int i = 0; i < elements; i++) {
        int index = filter * filterStride + i * elementStride;
        values[index] -= zeroPoint;
        long value = (long) values[index];
        greatest = Math.max(greatest, (double) Math.abs(value));
        positive += Math.max(value, 0);
        negative -= Math.min(value, 0);
      }
      long start =
          (bias == null ? 0 : bias.getLong(bias.size() == 1 ? 0 : filter))
              - xZeroPoint * (positive - negative);
      // Partial sums of unsigned activations never leave what one sign of the weights adds up to.
      double reach =
          unsigned ? 255.0 * Math.max(positive, negative) : 128.0 * (positive + negative);
      if (Math.abs(start) + reach > EXACT) {
        high[filter] = (float) (Math.round(start / (double) HIGH_UNIT) * HIGH_UNIT);
        anyHigh = true;
      }
      low[filter] = start - (long) high[filter];
      starts[filter] = (int) start;
      // Sums beyond int32 wrap, which only the slices' sums do.
      exact &=
          Math.abs(low[filter]) + reach <= EXACT && Math.abs(start) + reach <= Integer.MAX_VALUE;
    }
    int sliceDepth = exact ? WHOLE : (int) (EXACT / ((unsigned ? 255 : 128) * greatest));
    if (!exact) {
      anyHigh = false;
    }
    return new IntegerWeights(
        new Floats(values),
        new Floats(low),
        anyHigh ? new Floats(high) : null,
        sliceDepth,
        List.of(starts));
  }

  /** True if no sum, however it is added up, leaves the integers that float32 has. */
  boolean isExact() {
    return sliceDepth == WHOLE;
  }

  /** True if every weight, its zero point taken off, is a signed byte. */
  boolean fitBytes() {
    for (float value : values.array) {
      if (value != (byte) (int) value) {
        return false;
      }
    }
    return true;
  }

  /**
   * The product of these weights, exact.
   *
   * @param slices of at most {@link #sliceDepth}
   * @param from the filter in the first column
   * @param count the number of columns
   */
  BlockedProduct product(
      MatrixOperations operations, DepthSlices slices, int from, int count, Epilogue epilogue) {
    if (!isExact()) {
      int[] own = starts.subList(from, from + count).stream().mapToInt(Integer::intValue).toArray();
      return new BlockedProduct(operations, slices, own, epilogue);
    }
    float[] bias = slices.layout().padded(low.array, from);
    return new BlockedProduct(
        operations, slices.slices().get(0).rows(), slices.layout(), bias, epilogue);
  }

  /** The high parts of some filters; null if there are none. */
  float @Nullable [] high(int from, int count) {
    return high == null ? null : Arrays.copyOfRange(high.array, from, from + count);
  }
}
