package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.ElementOperations;
import dev.tinytitan.kernel.PairFunction;

/**
 * Sums by channel over places whose channels are contiguous. Few channels would make short loops,
 * so several places are taken as one row of a whole multiple of the channels, and its sums are
 * folded at the end. Rows lie in scratch memory, each from its own place on.
 */
final class ChannelLoops {
  private static final int LEAST_ROW = 512;

  private final ElementOperations operations;
  private final int channels;
  private final int row;

  ChannelLoops(ElementOperations operations, int channels) {
    this.operations = operations;
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

  /** {@code sums += x}; {@code count} elements, a multiple of the channels. */
  void sum(float[] x, int from, int count, float[] memory, int sums) {
    for (int i = 0; i < count; i += row) {
      add(memory, sums, x, from + i, Math.min(row, count - i));
    }
  }

  /** {@code sums += (x - means)²}; {@code spare} is where a row may be written. */
  void squares(float[] x, int from, int count, float[] memory, int means, int sums, int spare) {
    for (int i = 0; i < count; i += row) {
      int length = Math.min(row, count - i);
      operations.combine(PairFunction.SUB, x, from + i, memory, means, memory, spare, length);
      operations.combine(PairFunction.MUL, memory, spare, memory, spare, memory, spare, length);
      add(memory, sums, memory, spare, length);
    }
  }

  /** {@code sums += y, products += y * (x - means)}. */
  void products(
      float[] y,
      float[] x,
      int from,
      int count,
      float[] memory,
      int means,
      int sums,
      int products,
      int spare) {
    for (int i = 0; i < count; i += row) {
      int length = Math.min(row, count - i);
      add(memory, sums, y, from + i, length);
      operations.combine(PairFunction.SUB, x, from + i, memory, means, memory, spare, length);
      operations.combine(PairFunction.MUL, memory, spare, y, from + i, memory, spare, length);
      add(memory, products, memory, spare, length);
    }
  }

  private void add(float[] sums, int at, float[] x, int from, int count) {
    operations.combine(PairFunction.ADD, sums, at, x, from, sums, at, count);
  }

  /** {@code y = a * factors + (x * slopes + shifts)}, the vectors rows of {@code memory}. */
  void combine(
      float[] a,
      float[] x,
      int from,
      int count,
      float[] memory,
      int factors,
      int slopes,
      int shifts,
      int spare,
      float[] y) {
    for (int i = from; i < from + count; i += row) {
      int length = Math.min(row, from + count - i);
      operations.combine(PairFunction.MUL, a, i, memory, factors, memory, spare, length);
      operations.scaleAndShift(x, i, memory, slopes, memory, shifts, y, i, length);
      operations.combine(PairFunction.ADD, y, i, memory, spare, y, i, length);
    }
  }
}
