package dev.tinytitan.train.kernel;

/**
 * Sums by channel over places whose channels are contiguous. Few channels would make short loops,
 * so several places are taken as one row of a whole multiple of the channels, and its sums are
 * folded at the end. The loops are plain; the JVM's compiler vectorizes them.
 */
final class ChannelLoops {
  private static final int LEAST_ROW = 128;

  private final int channels;
  private final int row;

  ChannelLoops(int channels) {
    this.channels = channels;
    this.row = channels * Math.max(1, (LEAST_ROW + channels - 1) / channels);
  }

  /** Elements of a row; what a vector by channel is repeated to. */
  int row() {
    return row;
  }

  /** Repeats a vector by channel to a row. */
  void repeat(float[] perChannel, int from, float[] to, int toFrom) {
    for (int i = 0; i < row; i += channels) {
      System.arraycopy(perChannel, from, to, toFrom + i, channels);
    }
  }

  /** The sums of a row by channel, into {@code sums}. */
  void fold(float[] rowSums, int from, float[] sums, int to) {
    for (int channel = 0; channel < channels; channel++) {
      double sum = 0;
      for (int i = channel; i < row; i += channels) {
        sum += rowSums[from + i];
      }
      sums[to + channel] = (float) sum;
    }
  }

  /** {@code sums += x}, row by row; {@code count} elements, a multiple of the channels. */
  void sum(float[] x, int from, int count, float[] sums, int at) {
    for (int i = 0; i < count; i += row) {
      addRow(x, from + i, Math.min(row, count - i), sums, at);
    }
  }

  private static void addRow(float[] x, int from, int count, float[] sums, int at) {
    for (int i = 0; i < count; i++) {
      sums[at + i] += x[from + i];
    }
  }

  /** {@code sums += (x - mean)²}. */
  void squares(float[] x, int from, int count, float[] means, int mean, float[] sums, int at) {
    for (int i = 0; i < count; i += row) {
      addSquares(x, from + i, Math.min(row, count - i), means, mean, sums, at);
    }
  }

  private static void addSquares(
      float[] x, int from, int count, float[] means, int mean, float[] sums, int at) {
    for (int i = 0; i < count; i++) {
      float off = x[from + i] - means[mean + i];
      sums[at + i] += off * off;
    }
  }

  /** {@code sums += y, products += y * (x - mean)}. */
  void products(
      float[] y, float[] x, int from, int count, float[] means, int mean, float[] sums, int at) {
    for (int i = 0; i < count; i += row) {
      int length = Math.min(row, count - i);
      addRow(y, from + i, length, sums, at);
      addProducts(y, x, from + i, length, means, mean, sums, at + row);
    }
  }

  private static void addProducts(
      float[] y, float[] x, int from, int count, float[] means, int mean, float[] sums, int at) {
    for (int i = 0; i < count; i++) {
      sums[at + i] += y[from + i] * (x[from + i] - means[mean + i]);
    }
  }
}
