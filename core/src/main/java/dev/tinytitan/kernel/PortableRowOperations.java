package dev.tinytitan.kernel;

/**
 * Functions of rows in plain loops, sums in several parts so that they do not wait for each other.
 */
final class PortableRowOperations implements RowOperations {

  @Override
  public float sum(float[] x, int from, int count) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = 0;
    for (; i + 4 <= count; i += 4) {
      s0 += x[from + i];
      s1 += x[from + i + 1];
      s2 += x[from + i + 2];
      s3 += x[from + i + 3];
    }
    for (; i < count; i++) {
      s0 += x[from + i];
    }
    return (s0 + s1) + (s2 + s3);
  }

  @Override
  public float sumOfSquares(float[] x, int from, int count) {
    return dot(x, from, x, from, count);
  }

  @Override
  public float dot(float[] a, int aFrom, float[] b, int bFrom, int count) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = 0;
    for (; i + 4 <= count; i += 4) {
      s0 += a[aFrom + i] * b[bFrom + i];
      s1 += a[aFrom + i + 1] * b[bFrom + i + 1];
      s2 += a[aFrom + i + 2] * b[bFrom + i + 2];
      s3 += a[aFrom + i + 3] * b[bFrom + i + 3];
    }
    for (; i < count; i++) {
      s0 += a[aFrom + i] * b[bFrom + i];
    }
    return (s0 + s1) + (s2 + s3);
  }

  @Override
  public float maximum(float[] x, int from, int count) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, x[from + i]);
    }
    return max;
  }

  @Override
  public void softmax(float[] x, int xFrom, float[] y, int yFrom, int count) {
    float max = maximum(x, xFrom, count);
    for (int i = 0; i < count; i++) {
      y[yFrom + i] = Approximations.exp(x[xFrom + i] - max);
    }
    float factor = 1 / sum(y, yFrom, count);
    for (int i = 0; i < count; i++) {
      y[yFrom + i] *= factor;
    }
  }

  @Override
  public void normalize(
      float[] x,
      int xFrom,
      float[] scale,
      float[] bias,
      float epsilon,
      float[] y,
      int yFrom,
      int count) {
    float mean = sum(x, xFrom, count) / count;
    for (int i = 0; i < count; i++) {
      y[yFrom + i] = x[xFrom + i] - mean;
    }
    float variance = sumOfSquares(y, yFrom, count) / count;
    float factor = (float) (1 / Math.sqrt(variance + epsilon));
    for (int i = 0; i < count; i++) {
      y[yFrom + i] = y[yFrom + i] * factor * scale[i] + bias[i];
    }
  }
}
