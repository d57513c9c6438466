package dev.tinytitan.kernel;

import org.jspecify.annotations.Nullable;

/**
 * The inner loops around exact integer sums, on integers that lie as floats (see {@link
 * Layout#isWide}); docs/numerics.md has the formulas. The result may lie in the place of an input,
 * element over element. Stateless.
 */
public interface IntegerOperations {

  /**
   * {@code y = rint(clamp((y + offset) * multiplier, low, high)) + zeroPoint} for a block of rows,
   * each operation rounded to float32, half to even.
   *
   * @param from where the block's first element lies
   * @param stride elements from row to row
   * @param offsets one for each column, from {@code column} on; null for none
   * @param multipliers one for each column, from {@code column} on
   * @param low the least result less the zero point
   * @param high the greatest result less the zero point
   * @param columns elements of each row
   */
  void requantize(
      float[] y,
      int from,
      int stride,
      int rows,
      float @Nullable [] offsets,
      float[] multipliers,
      int column,
      float low,
      float high,
      float zeroPoint,
      int columns);

  /** {@code y[i] = rint(clamp(x[i] / scale, low, high)) + zeroPoint}; NaN becomes {@code low}. */
  void quantize(
      float[] x,
      int xFrom,
      float scale,
      float low,
      float high,
      float zeroPoint,
      float[] y,
      int yFrom,
      int count);

  /** {@code y[i] = (x[i] - zeroPoint) * scale}. */
  void dequantize(
      float[] x, int xFrom, float zeroPoint, float scale, float[] y, int yFrom, int count);

  /** {@code y[i] = rint(clamp(fma(a[i], aRatio, fma(b[i], bRatio, fixed)), low, high))}. */
  void add(
      float[] a,
      int aFrom,
      float aRatio,
      float[] b,
      int bFrom,
      float bRatio,
      float fixed,
      float low,
      float high,
      float[] y,
      int yFrom,
      int count);

  /**
   * {@code y[r][j] = (values[r][j] - zero[j]) * scale[j]} for rows of packed weights.
   *
   * @param values signed bytes, or unsigned halves of bytes: the first half of a row's columns in
   *     the low bits, the second in the high bits
   * @param zeroFrom where the zero points of the columns lie, in {@code y}
   * @param scaleFrom where the scales of the columns lie
   * @param width columns, without gaps between rows; even
   */
  void dequantizeRows(
      byte[] values,
      int from,
      boolean halves,
      int zeroFrom,
      float[] scales,
      int scaleFrom,
      float[] y,
      int yFrom,
      int rows,
      int width);
}
