package dev.tinytitan.kernel;

import java.util.Arrays;

/** Depthwise convolution and pooling tap by tap, in loops over the contiguous channels. */
final class PortableWindowOperations implements WindowOperations {

  @Override
  public double nanos(double products) {
    return 200 + products / 3;
  }

  @Override
  public void depthwise(
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
      int to) {
    for (int position = from; position < to; position++) {
      int target = yOffset + position * channels;
      System.arraycopy(bias, 0, y, target, channels);
      for (int tap = 0; tap < taps.length; tap++) {
        addProducts(
            x,
            xOffset + starts[position] + taps[tap],
            weights,
            tap * channels,
            y,
            target,
            channels);
      }
      for (int c = target; c < target + channels; c++) {
        y[c] = Math.max(low, Math.min(high, y[c]));
      }
    }
  }

  private static void addProducts(
      float[] x, int xFrom, float[] weights, int weightsFrom, float[] y, int yFrom, int count) {
    for (int c = 0; c < count; c++) {
      y[yFrom + c] += x[xFrom + c] * weights[weightsFrom + c];
    }
  }

  @Override
  public void maximum(
      float[] x,
      int xOffset,
      int[] starts,
      int[] taps,
      int channels,
      float[] y,
      int yOffset,
      int from,
      int to) {
    for (int position = from; position < to; position++) {
      int target = yOffset + position * channels;
      Arrays.fill(y, target, target + channels, Float.NEGATIVE_INFINITY);
      for (int tap : taps) {
        int source = xOffset + starts[position] + tap;
        for (int c = 0; c < channels; c++) {
          y[target + c] = Math.max(y[target + c], x[source + c]);
        }
      }
    }
  }

  @Override
  public void average(
      float[] x,
      int xOffset,
      int[] starts,
      int[] taps,
      float[] factors,
      int channels,
      float[] y,
      int yOffset,
      int from,
      int to) {
    for (int position = from; position < to; position++) {
      int target = yOffset + position * channels;
      Arrays.fill(y, target, target + channels, 0f);
      for (int tap : taps) {
        int source = xOffset + starts[position] + tap;
        for (int c = 0; c < channels; c++) {
          y[target + c] += x[source + c];
        }
      }
      float factor = factors[position];
      for (int c = 0; c < channels; c++) {
        y[target + c] *= factor;
      }
    }
  }
}
