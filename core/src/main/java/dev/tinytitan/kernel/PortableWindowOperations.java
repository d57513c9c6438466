package dev.tinytitan.kernel;

import java.util.Arrays;

/** Depthwise convolution and pooling tap by tap, in loops over the contiguous channels. */
final class PortableWindowOperations implements WindowOperations {
  /** Taps that are added at once, which saves loads and stores of the sums. */
  private static final int AT_ONCE = 3;

  // What the rows of scratch memory hold, behind what AT_ONCE taps see.
  private static final int SUMS = AT_ONCE;
  private static final int FACTORS = SUMS + 1;
  private static final int WEIGHTS = FACTORS + 1;

  @Override
  public double nanos(int positions, int taps, int channels) {
    return 200 + positions * (40 + 0.1 * channels + taps * (8 + 0.1 * channels));
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
      int to,
      Scratch scratch) {
    int width = group.width();
    for (int channel = 0; channel < width; channel += Scratch.ROW_LENGTH) {
      int count = Math.min(Scratch.ROW_LENGTH, width - channel);
      int taps = group.taps().length;
      float[][] memory = scratch.rows(WEIGHTS + taps);
      for (int tap = 0; tap < taps; tap++) {
        int row = group.weightRows()[tap] * width + channel;
        System.arraycopy(weights, row, memory[WEIGHTS + tap], 0, count);
      }
      for (int position = from; position < to; position++) {
        int target = yOffset + group.targets()[position] + channel;
        System.arraycopy(bias, channel, memory[SUMS], 0, count);
        addTaps(x, xOffset + group.starts()[position] + channel, group.taps(), memory, count);
        finish.apply(memory[SUMS], channel, count, memory[FACTORS]);
        System.arraycopy(memory[SUMS], 0, y, target, count);
      }
    }
  }

  /** Adds what all taps see at one position, {@link #AT_ONCE} of them at a time. */
  private static void addTaps(float[] x, int xFrom, int[] taps, float[][] memory, int count) {
    int tap = 0;
    for (; tap + AT_ONCE <= taps.length; tap += AT_ONCE) {
      for (int i = 0; i < AT_ONCE; i++) {
        System.arraycopy(x, xFrom + taps[tap + i], memory[i], 0, count);
      }
      addProducts(memory, WEIGHTS + tap, memory[SUMS], count);
    }
    for (; tap < taps.length; tap++) {
      System.arraycopy(x, xFrom + taps[tap], memory[0], 0, count);
      addProducts(memory[0], memory[WEIGHTS + tap], memory[SUMS], count);
    }
  }

  private static void addProducts(float[][] memory, int weights, float[] sums, int count) {
    float[] x0 = memory[0];
    float[] x1 = memory[1];
    float[] x2 = memory[2];
    float[] w0 = memory[weights];
    float[] w1 = memory[weights + 1];
    float[] w2 = memory[weights + 2];
    for (int c = 0; c < count; c++) {
      sums[c] += x0[c] * w0[c] + x1[c] * w1[c] + x2[c] * w2[c];
    }
  }

  private static void addProducts(float[] x, float[] weights, float[] sums, int count) {
    for (int c = 0; c < count; c++) {
      sums[c] += x[c] * weights[c];
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
