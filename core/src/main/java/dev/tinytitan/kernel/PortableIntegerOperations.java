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
      // Two places in two arrays: not vectorized, and then comparing is faster than max and min.
      float steps = y[from + i] * multipliers[multiplierFrom + i];
      float above = steps > low ? steps : low;
      y[from + i] = ((above < high ? above : high) + ROUND) - ROUND + zeroPoint;
    }
  }

  /**
   * {@code y[i] = rint(clamp((y[i] + offset) * multiplier, low, high)) + zeroPoint}, with one
   * multiplier for all.
   */
  static void requantize(
      float[] y,
      int from,
      float offset,
      float multiplier,
      float low,
      float high,
      float zeroPoint,
      int count) {
    for (int i = from; i < from + count; i++) {
      float steps = Math.min(Math.max((y[i] + offset) * multiplier, low), high);
      y[i] = (steps + ROUND) - ROUND + zeroPoint;
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
    moveTo(y, yFrom, x, xFrom, count);
    for (int i = yFrom; i < yFrom + count; i++) {
      float steps = y[i] / scale;
      // Written so that NaN becomes low.
      float above = steps > low ? steps : low;
      y[i] = ((above < high ? above : high) + ROUND) - ROUND + zeroPoint;
    }
  }

  /** Loops over one array, or over several with one index, are vectorized; others are not. */
  private static void moveTo(float[] y, int yFrom, float[] x, int xFrom, int count) {
    if (x != y || xFrom != yFrom) {
      System.arraycopy(x, xFrom, y, yFrom, count);
    }
  }

  @Override
  public void dequantize(
      float[] x, int xFrom, float zeroPoint, float scale, float[] y, int yFrom, int count) {
    moveTo(y, yFrom, x, xFrom, count);
    for (int i = yFrom; i < yFrom + count; i++) {
      y[i] = (y[i] - zeroPoint) * scale;
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
    if (aFrom == yFrom && bFrom == yFrom) {
      for (int i = yFrom; i < yFrom + count; i++) {
        float steps = Math.fma(a[i], aRatio, Math.fma(b[i], bRatio, fixed));
        y[i] = (Math.min(Math.max(steps, low), high) + ROUND) - ROUND;
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      float steps = Math.fma(a[aFrom + i], aRatio, Math.fma(b[bFrom + i], bRatio, fixed));
      y[yFrom + i] = (Math.min(Math.max(steps, low), high) + ROUND) - ROUND;
    }
  }
}
