package dev.tinytitan.kernel;

/** Integer inner loops in plain Java. */
final class PortableIntegerOperations implements IntegerOperations {
  /**
   * Adding and taking away 1.5 · 2²³ rounds a float below 2²² to the nearest integer, ties to even.
   */
  private static final float ROUND = 0x1.8p23f;

  @Override
  public void requantize(
      float[] y,
      int from,
      float[] multipliers,
      int multiplierFrom,
      float low,
      float high,
      float zeroPoint,
      int count) {
    for (int i = 0; i < count; i++) {
      float steps = Math.min(Math.max(y[from + i] * multipliers[multiplierFrom + i], low), high);
      y[from + i] = (steps + ROUND) - ROUND + zeroPoint;
    }
  }

  @Override
  public void quantize(
      float[] x,
      int xFrom,
      float scale,
      float low,
      float high,
      float zeroPoint,
      float[] y,
      int yFrom,
      int count) {
    for (int i = 0; i < count; i++) {
      float steps = x[xFrom + i] / scale;
      // Written so that NaN becomes low.
      float above = steps > low ? steps : low;
      y[yFrom + i] = ((above < high ? above : high) + ROUND) - ROUND + zeroPoint;
    }
  }

  @Override
  public void dequantize(
      float[] x, int xFrom, float zeroPoint, float scale, float[] y, int yFrom, int count) {
    for (int i = 0; i < count; i++) {
      y[yFrom + i] = (x[xFrom + i] - zeroPoint) * scale;
    }
  }

  @Override
  public void add(
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
      int count) {
    for (int i = 0; i < count; i++) {
      float steps = Math.fma(a[aFrom + i], aRatio, Math.fma(b[bFrom + i], bRatio, fixed));
      y[yFrom + i] = (Math.min(Math.max(steps, low), high) + ROUND) - ROUND;
    }
  }
}
