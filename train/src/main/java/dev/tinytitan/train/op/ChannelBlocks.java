package dev.tinytitan.train.op;

import dev.tinytitan.tensor.Shape;
import java.util.function.IntToDoubleFunction;

/**
 * How feature maps {@code [N, C, spatial…]} are cut into blocks of places (an image and a position
 * in it) for statistics by channel: always in the same way, so that sums do not depend on the
 * number of threads.
 *
 * @param places images times positions
 * @param channels channels
 * @param blocks the number of blocks
 */
public record ChannelBlocks(int places, int channels, int blocks) {
  private static final int MOST = 32;
  private static final int LEAST_PLACES = 256;

  /** The blocks of feature maps of this shape. */
  public static ChannelBlocks of(Shape shape) {
    int channels = shape.dim(1);
    int places = channels == 0 ? 0 : shape.size() / channels;
    return new ChannelBlocks(places, channels, Math.max(1, Math.min(MOST, places / LEAST_PLACES)));
  }

  /** The first place of a block. */
  public int from(int block) {
    return (int) ((long) places * block / blocks);
  }

  /** Places of a block. */
  public int size(int block) {
    return from(block + 1) - from(block);
  }

  /**
   * The shape of two numbers for each block and channel; two dimensions, for it is no feature map.
   */
  public Shape pairs() {
    return Shape.of(2 * blocks, channels);
  }

  /** The flat index, row-major, of a channel's element at a place. */
  int index(Shape shape, int place, int channel) {
    int area = shape.sizeBetween(2, shape.rank());
    return (place / area * channels + channel) * area + place % area;
  }

  /**
   * The mean of a channel from those of its blocks.
   *
   * @param moments for each block: means, then sums of squared deviations from them
   */
  public double mean(float[] moments, int channel) {
    return mean(i -> moments[i], channel);
  }

  /** {@link #mean(float[], int)} in float64. */
  double mean(double[] moments, int channel) {
    return mean(i -> moments[i], channel);
  }

  private double mean(IntToDoubleFunction moments, int channel) {
    double sum = 0;
    for (int block = 0; block < blocks; block++) {
      sum += moments.applyAsDouble(2 * block * channels + channel) * size(block);
    }
    return sum / places;
  }

  /**
   * The variance of a channel, divided by the number of places, from its blocks (Chan, Golub and
   * LeVeque 1979).
   *
   * @param moments as in {@link #mean}
   * @param mean the channel's mean
   */
  public double variance(float[] moments, int channel, double mean) {
    return variance(i -> moments[i], channel, mean);
  }

  /** {@link #variance(float[], int, double)} in float64. */
  double variance(double[] moments, int channel, double mean) {
    return variance(i -> moments[i], channel, mean);
  }

  private double variance(IntToDoubleFunction moments, int channel, double mean) {
    double squares = 0;
    for (int block = 0; block < blocks; block++) {
      double off = moments.applyAsDouble(2 * block * channels + channel) - mean;
      squares +=
          moments.applyAsDouble((2 * block + 1) * channels + channel) + off * off * size(block);
    }
    return squares / places;
  }
}
