package dev.tinytitan.compress.internal;

import dev.tinytitan.tensor.Shape;

/** Mean, mean square and greatest magnitude of each channel of a value, as it is seen. */
public final class ChannelMoments {
  private final int axis;
  private double[] sums = new double[0];
  private double[] squares = new double[0];
  private float[] greatest = new float[0];
  private long count;

  /**
   * @param axis of the channels; -1 is the last
   */
  public ChannelMoments(int axis) {
    this.axis = axis;
  }

  public void add(float[] elements, Shape shape) {
    int at = axis < 0 ? axis + shape.rank() : axis;
    int channels = shape.dim(at);
    int inner = shape.sizeBetween(at + 1, shape.rank());
    if (sums.length == 0) {
      sums = new double[channels];
      squares = new double[channels];
      greatest = new float[channels];
    }
    for (int i = 0; i < elements.length; i++) {
      int channel = i / inner % channels;
      float element = elements[i];
      sums[channel] += element;
      squares[channel] += (double) element * element;
      greatest[channel] = Math.max(greatest[channel], Math.abs(element));
    }
    count += channels == 0 ? 0 : elements.length / channels;
  }

  /** True if nothing was seen. */
  public boolean isEmpty() {
    return count == 0;
  }

  /** The mean of each channel. */
  public double[] means() {
    double[] means = new double[sums.length];
    for (int i = 0; i < means.length; i++) {
      means[i] = sums[i] / count;
    }
    return means;
  }

  /** The mean square of each channel, raised a little above 0 so that no channel counts nothing. */
  public float[] meanSquares() {
    double total = 0;
    for (double square : squares) {
      total += square / count;
    }
    double floor = 1e-3 * total / Math.max(1, squares.length) + Float.MIN_NORMAL;
    float[] means = new float[squares.length];
    for (int i = 0; i < means.length; i++) {
      means[i] = (float) (squares[i] / count + floor);
    }
    return means;
  }

  /** The greatest magnitude in each channel. */
  public float[] greatest() {
    return greatest.clone();
  }
}
