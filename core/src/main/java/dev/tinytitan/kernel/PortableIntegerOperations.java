package dev.tinytitan.kernel;

import org.jspecify.annotations.Nullable;

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
      int stride,
      int rows,
      float @Nullable [] offsets,
      float[] multipliers,
      int column,
      float low,
      float high,
      float zeroPoint,
      int columns) {
    for (int row = 0; row < rows; row++) {
      int start = from + row * stride;
      if (offsets != null) {
        for (int i = 0; i < columns; i++) {
          y[start + i] += offsets[column + i];
        }
      }
      requantize(y, start, multipliers, column, low, high, zeroPoint, columns);
    }
  }

  /** {@code y = rint(clamp(y * multiplier, low, high)) + zeroPoint}, element by element. */
  static void requantize(
      float[] y,
      int from,
      float[] multipliers,
      int multiplierFrom,
      float low,
      float high,
      float zeroPoint,
      int count) {
    if (from == 0 && multiplierFrom == 0) {
      requantize(y, multipliers, low, high, zeroPoint, count);
      return;
    }
    // Two places in two arrays: not vectorized. What follows is.
    for (int i = 0; i < count; i++) {
      y[from + i] *= multipliers[multiplierFrom + i];
    }
    round(y, from, low, high, zeroPoint, count);
  }

  /**
   * {@code y[i] = rint(clamp(y[i], low, high)) + zeroPoint}, the bounds integers. Cut as ints,
   * which takes an instruction for each bound, where floats take a handful for zeros and NaN.
   */
  private static void round(
      float[] y, int from, float low, float high, float zeroPoint, int count) {
    int least = (int) low;
    int most = (int) high;
    for (int i = from; i < from + count; i++) {
      y[i] = Math.min(Math.max((int) ((y[i] + ROUND) - ROUND), least), most) + zeroPoint;
    }
  }

  /** {@code y[i] = rint(clamp((y[i] + offset) * multiplier, low, high)) + zeroPoint}. */
  static void requantize(
      float[] y,
      int from,
      float offset,
      float multiplier,
      float low,
      float high,
      float zeroPoint,
      int count) {
    int least = (int) low;
    int most = (int) high;
    for (int i = from; i < from + count; i++) {
      float steps = (y[i] + offset) * multiplier;
      y[i] = Math.min(Math.max((int) ((steps + ROUND) - ROUND), least), most) + zeroPoint;
    }
  }

  /**
   * {@code y[i] = rint(clamp(y[i] * multipliers[i], low, high)) + zeroPoint}: one index for both
   * arrays, the form of loop that the JVM's compiler vectorizes.
   */
  private static void requantize(
      float[] y, float[] multipliers, float low, float high, float zeroPoint, int count) {
    int least = (int) low;
    int most = (int) high;
    for (int i = 0; i < count; i++) {
      float steps = y[i] * multipliers[i];
      y[i] = Math.min(Math.max((int) ((steps + ROUND) - ROUND), least), most) + zeroPoint;
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
    // As ints, and counted from the lower bound: NaN, as an int 0, becomes that.
    int most = (int) (high - low);
    float least = low + zeroPoint;
    for (int i = yFrom; i < yFrom + count; i++) {
      int steps = (int) (((y[i] / scale + ROUND) - ROUND) - low);
      y[i] = Math.min(Math.max(steps, 0), most) + least;
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
    int least = (int) low;
    int most = (int) high;
    if (aFrom == yFrom && bFrom == yFrom) {
      for (int i = yFrom; i < yFrom + count; i++) {
        float steps = Math.fma(a[i], aRatio, Math.fma(b[i], bRatio, fixed));
        y[i] = Math.min(Math.max((int) ((steps + ROUND) - ROUND), least), most);
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      float steps = Math.fma(a[aFrom + i], aRatio, Math.fma(b[bFrom + i], bRatio, fixed));
      y[yFrom + i] = Math.min(Math.max((int) ((steps + ROUND) - ROUND), least), most);
    }
  }

  @Override
  public void dequantizeRows(
      byte[] values,
      int from,
      boolean halves,
      int zeroFrom,
      float[] scales,
      int scaleFrom,
      float[] y,
      int yFrom,
      int rows,
      int width) {
    int half = width / 2;
    for (int row = 0; row < rows; row++) {
      int to = yFrom + row * width;
      if (halves) {
        int at = from + row * half;
        for (int j = 0; j < half; j++) {
          int pair = values[at + j];
          y[to + j] = ((pair & 15) - y[zeroFrom + j]) * scales[scaleFrom + j];
          int right = half + j;
          y[to + right] = ((pair >> 4 & 15) - y[zeroFrom + right]) * scales[scaleFrom + right];
        }
      } else {
        int at = from + row * width;
        for (int j = 0; j < width; j++) {
          y[to + j] = (values[at + j] - y[zeroFrom + j]) * scales[scaleFrom + j];
        }
      }
    }
  }
}
