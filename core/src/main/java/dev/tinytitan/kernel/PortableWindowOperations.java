package dev.tinytitan.kernel;

import java.util.Arrays;

/** Depthwise convolution and pooling tap by tap, in loops over the contiguous channels. */
final class PortableWindowOperations implements WindowOperations {

  @Override
  public double nanos(double products) {
    return 200 + products;
  }

  @Override
  public int lanes() {
    return 8;
  }

  @Override
  public void depthwise(
      float[] x,
      int xOffset,
      WindowGroup group,
      float[] weights,
      float[] bias,
      Finish finish,
      float[] y,
      int yOffset,
      int from,
      int to) {
    int width = group.width();
    int[] taps = group.taps();
    for (int position = from; position < to; position++) {
      int source = xOffset + group.starts()[position];
      int target = yOffset + group.targets()[position];
      System.arraycopy(bias, 0, y, target, width);
      for (int tap = 0; tap < taps.length; tap++) {
        int row = group.weightRows()[tap] * width;
        addProducts(x, source + taps[tap], weights, row, y, target, width);
      }
      finish.apply(y, target, 0, width);
    }
  }

  @Override
  public void depthwise3x3(
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
      int lineTo) {
    int length = columns * channels;
    for (int line = lineFrom; line < lineTo; line++) {
      int target = yOffset + line * length;
      for (int column = 0; column < columns; column++) {
        System.arraycopy(bias, 0, y, target + column * channels, channels);
      }
      for (int i = 0; i < 3; i++) {
        boolean outside = line + i - 1 < 0 || line + i - 1 >= lines;
        float[] source = outside ? padding : x;
        int from = outside ? 0 : xOffset + (line + i - 1) * length;
        int row = 3 * i * channels;
        for (int column = 0; column < columns; column++) {
          int at = from + column * channels;
          int to = target + column * channels;
          float[] left = column == 0 ? padding : source;
          float[] right = column == columns - 1 ? padding : source;
          int leftFrom = column == 0 ? 0 : at - channels;
          int rightFrom = column == columns - 1 ? 0 : at + channels;
          addProducts(left, leftFrom, weights, row, y, to, channels);
          addProducts(source, at, weights, row + channels, y, to, channels);
          addProducts(right, rightFrom, weights, row + 2 * channels, y, to, channels);
        }
      }
      for (int column = 0; column < columns; column++) {
        finish.apply(y, target + column * channels, 0, channels);
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
