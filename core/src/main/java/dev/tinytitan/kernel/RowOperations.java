package dev.tinytitan.kernel;

/**
 * The inner loops of functions of whole rows: contiguous pieces of arrays. The result may lie in
 * the place of the input. Stateless.
 */
public interface RowOperations {

  /** The sum. */
  float sum(float[] x, int from, int count);

  /** The sum of the squares. */
  float sumOfSquares(float[] x, int from, int count);

  /** The greatest; NaN if one is NaN, negative infinity of none. */
  float maximum(float[] x, int from, int count);

  /** {@code y = exp(x - max(x)) / sum(exp(x - max(x)))}. */
  void softmax(float[] x, int xFrom, float[] y, int yFrom, int count);

  /**
   * {@code y = (x - mean(x)) / sqrt(var(x) + epsilon) * scale + bias}.
   *
   * @param scale one for each element
   * @param bias one for each element
   */
  void normalize(
      float[] x,
      int xFrom,
      float[] scale,
      float[] bias,
      float epsilon,
      float[] y,
      int yFrom,
      int count);

  /** {@code sum of a[i] * b[i]}. */
  float dot(float[] a, int aFrom, float[] b, int bFrom, int count);
}
