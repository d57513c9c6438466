package dev.tinytitan.kernel;

/**
 * The inner loops of depthwise convolution and pooling, on feature maps whose channels are
 * contiguous. A window at position {@code p} sees the places {@code xOffset + starts[p] + taps[t]},
 * which must all lie inside the array: padding is copied in beforehand. Stateless.
 */
public interface WindowOperations {

  /** Estimated nanoseconds of {@link #depthwise} for this many multiply-adds. */
  default double nanos(double products) {
    return Work.ofProducts(2 * products);
  }

  /**
   * {@code y[p][c] = bias[c] + sum over t of x[p, t][c] * weights[t * channels + c]}, cut to {@code
   * low..high}; NaN stays NaN.
   *
   * @param y results, {@code channels} for each position, that of position 0 at {@code yOffset}
   * @param from the first position
   * @param to the position after the last
   */
  void depthwise(
      float[] x,
      int xOffset,
      int[] starts,
      int[] taps,
      float[] weights,
      float[] bias,
      float low,
      float high,
      int channels,
      float[] y,
      int yOffset,
      int from,
      int to);

  /** {@code y[p][c] =} the greatest of {@code x[p, t][c]} over t; NaN if one is NaN. */
  void maximum(
      float[] x,
      int xOffset,
      int[] starts,
      int[] taps,
      int channels,
      float[] y,
      int yOffset,
      int from,
      int to);

  /** {@code y[p][c] =} the sum of {@code x[p, t][c]} over t, times {@code factors[p]}. */
  void average(
      float[] x,
      int xOffset,
      int[] starts,
      int[] taps,
      float[] factors,
      int channels,
      float[] y,
      int yOffset,
      int from,
      int to);
}
