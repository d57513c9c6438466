package dev.tinytitan.kernel;

import java.util.Optional;

/**
 * The inner loops of depthwise convolution and pooling, on feature maps whose channels are
 * contiguous. Stateless.
 */
public interface WindowOperations {

  /** Estimated nanoseconds of a depthwise convolution of this size. */
  default double nanos(int positions, int taps, int channels) {
    return Work.ofProducts(2.0 * positions * taps * channels);
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
   * @param scratch rows of it are overwritten, its floats are not
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
      int to,
      Scratch scratch);

  /** Loops over whole lines of images, if there are such and they are faster. */
  default Optional<LineOperations> lines() {
    return Optional.empty();
  }

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
