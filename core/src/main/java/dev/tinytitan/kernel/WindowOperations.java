package dev.tinytitan.kernel;

/**
 * The inner loops of depthwise convolution and pooling, on feature maps whose channels are
 * contiguous. Stateless.
 */
public interface WindowOperations {

  /** Estimated nanoseconds of {@link #depthwise} for this many multiply-adds. */
  default double nanos(double products) {
    return Work.ofProducts(2 * products);
  }

  /** Channels that the loops take at once: narrower work is better joined to such a width. */
  int lanes();

  /**
   * {@code y[p][c] = finish(bias[c] + sum over t of x[p, t][c] * weights[t][c])} for the positions
   * {@code from..to} of a group.
   *
   * @param xOffset where the image begins
   * @param weights rows of {@link WindowGroup#width} floats, one for each tap of the whole window
   * @param bias what the sums start from, {@link WindowGroup#width} floats
   * @param yOffset where the result begins
   */
  void depthwise(
      float[] x,
      int xOffset,
      WindowGroup group,
      float[] weights,
      float[] bias,
      Finish finish,
      float[] y,
      int yOffset,
      int from,
      int to);

  /**
   * Depthwise convolution by windows of 3×3 that move by one, on an image with one line of padding
   * on each side, so that the result is as large as the image.
   *
   * @param padding a line of the image, as it lies above and below; its first channels also lie
   *     left and right of each line
   * @param columns places of a line; at least 1
   * @param channels a multiple of {@link #lanes}
   * @param lines lines of the image
   * @param weights nine rows of {@code channels} floats
   * @param lineFrom the first line of the result
   * @param lineTo the line after the last
   */
  void depthwise3x3(
      float[] x,
      int xOffset,
      float[] padding,
      int lines,
      int columns,
      int channels,
      float[] weights,
      float[] bias,
      Finish finish,
      float[] y,
      int yOffset,
      int lineFrom,
      int lineTo);

  /**
   * {@code y[p][c] =} the greatest of {@code x[p, t][c]} over t; NaN if one is NaN. A window at
   * position {@code p} sees the places {@code xOffset + starts[p] + taps[t]}, which must all lie
   * inside the array: padding is copied in beforehand.
   */
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

  /**
   * {@code y[p][c] =} the sum of {@code x[p, t][c]} over t, times {@code factors[p]}; windows as
   * for {@link #maximum}.
   */
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
