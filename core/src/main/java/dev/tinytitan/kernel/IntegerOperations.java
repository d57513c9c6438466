package dev.tinytitan.kernel;

/**
 * The inner loops around exact integer sums, on integers that lie as floats (see {@link
 * Layout#isWide}); docs/numerics.md has the formulas. The result may lie in the place of an input,
 * element over element. Stateless.
 */
public interface IntegerOperations {

  /**
   * {@code y[i] = rint(clamp(y[i] * multipliers[i], low, high)) + zeroPoint}, each operation
   * rounded to float32, half to even.
   *
   * @param low the least result less the zero point
   * @param high the greatest result less the zero point
   */
  void requantize(
      float[] y,
      int from,
      float[] multipliers,
      int multiplierFrom,
      float low,
      float high,
      float zeroPoint,
      int count);

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
}
