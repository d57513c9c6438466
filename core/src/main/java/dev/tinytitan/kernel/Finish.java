package dev.tinytitan.kernel;

import java.util.Arrays;

/**
 * What turns complete sums into results while they are still in registers: each is multiplied by
 * its column's factor, cut to a range, and rounded. {@code y = (clip(sum * factor, low, high) +
 * rounding) - unrounding}, each operation rounded to float32, never fused; NaN stays NaN.
 *
 * <p>Floats are cut to a range: factors are 1, and {@code rounding} and {@code unrounding} are 0.
 * Integers are requantized (docs/numerics.md): adding 1.5·2²³ rounds a float below 2²² to the
 * nearest integer, ties to even; taking it away, less the zero point, gives the integer. Both are
 * the same instructions, so integer kernels cost what float kernels do.
 *
 * @param factors one for each column; not copied, must not be written
 * @param low the least result before rounding
 * @param high the greatest result before rounding
 */
// Never compared; arrays so that loops read them without a call.
@SuppressWarnings("ArrayRecordComponent")
public record Finish(float[] factors, float low, float high, float rounding, float unrounding) {
  private static final float ROUND = 0x1.8p23f;

  /** Cuts floats to a range. */
  static Finish clip(int columns, float low, float high) {
    float[] ones = new float[columns];
    Arrays.fill(ones, 1f);
    return new Finish(ones, low, high, 0, 0);
  }

  /** Leaves sums as they are. */
  public static Finish none(int columns) {
    return clip(columns, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
  }

  /**
   * {@code rint(clip(sum * multiplier, low, high)) + zeroPoint}.
   *
   * @param low the least result less the zero point
   * @param high the greatest result less the zero point
   */
  static Finish requantize(float[] multipliers, float low, float high, float zeroPoint) {
    return new Finish(multipliers, low, high, ROUND, ROUND - zeroPoint);
  }

  /** True if sums stay as they are. */
  public boolean isNone() {
    return rounding == 0 && low == Float.NEGATIVE_INFINITY && high == Float.POSITIVE_INFINITY;
  }

  /** The same for more columns than there are, whose factors are 0. */
  Finish padded(int columns) {
    return withFactors(Arrays.copyOf(factors, columns));
  }

  /** The same for columns that come several times, one series after the other. */
  Finish repeated(int times) {
    return withFactors(repeat(factors, factors.length, times));
  }

  private Finish withFactors(float[] others) {
    return new Finish(others, low, high, rounding, unrounding);
  }

  /** Each piece of {@code length} floats, several times after each other. */
  static float[] repeat(float[] floats, int length, int times) {
    float[] repeated = new float[floats.length * times];
    for (int to = 0; to < repeated.length; to += length) {
      System.arraycopy(floats, to / (length * times) * length, repeated, to, length);
    }
    return repeated;
  }

  /** Finishes sums in place, the first of which is of column {@code column}. */
  void apply(float[] sums, int from, int column, int count) {
    if (rounding == 0) {
      for (int i = from; i < from + count; i++) {
        sums[i] = Math.max(low, Math.min(high, sums[i]));
      }
      return;
    }
    float zeroPoint = rounding - unrounding;
    PortableIntegerOperations.requantize(sums, from, factors, column, low, high, zeroPoint, count);
  }

  /**
   * Finishes sums in place, which begin an array, the first of column {@code column}.
   *
   * @param ownFactors memory for the columns' factors: loops over two arrays are vectorized where
   *     they walk them with one index
   */
  void apply(float[] sums, int column, int count, float[] ownFactors) {
    if (rounding == 0 || column == 0) {
      apply(sums, 0, column, count);
      return;
    }
    System.arraycopy(factors, column, ownFactors, 0, count);
    float zeroPoint = rounding - unrounding;
    PortableIntegerOperations.requantize(sums, 0, ownFactors, 0, low, high, zeroPoint, count);
  }
}
