package dev.tinytitan.compress.quantize;

/**
 * How often values occur, in equal bins, in constant memory for any number of values of any range.
 *
 * <p>The width of the bins is a power of two, and bin edges are its multiples. Where values no
 * longer fit into {@link #MAX_BINS} bins, the width doubles and neighbours are merged, which loses
 * nothing but resolution: the result does not depend on the order of the values.
 */
final class Histogram {
  static final int MAX_BINS = 4096;

  /** Bins this much finer than the largest value are of no use and would only merge. */
  private static final int FINEST = 24;

  private long[] counts = new long[0];
  private long first;
  private int exponent = Integer.MIN_VALUE;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;
  private long total;

  /** Counts the first {@code length} of these values, which must be finite. */
  void add(float[] values, int length) {
    double low = min;
    double high = max;
    for (int i = 0; i < length; i++) {
      low = Math.min(low, values[i]);
      high = Math.max(high, values[i]);
    }
    if (length == 0) {
      return;
    }
    fit(low, high);
    double perBin = Math.scalb(1.0, -exponent);
    for (int i = 0; i < length; i++) {
      counts[(int) ((long) Math.floor(values[i] * perBin) - first)]++;
    }
    total += length;
  }

  /** Widens the bins until they hold both values, and moves the counts. */
  private void fit(double low, double high) {
    if (low == min && high == max) {
      return;
    }
    double magnitude = Math.max(Math.abs(low), Math.abs(high));
    int width = Math.getExponent(Math.max(magnitude, Float.MIN_NORMAL)) - FINEST;
    while (bin(high, width) - bin(low, width) >= MAX_BINS) {
      width++;
    }
    width = Math.max(width, exponent);
    long newFirst = bin(low, width);
    long[] wider = new long[(int) (bin(high, width) - newFirst) + 1];
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        wider[(int) (((first + i) >> (width - exponent)) - newFirst)] += counts[i];
      }
    }
    counts = wider;
    first = newFirst;
    exponent = width;
    min = low;
    max = high;
  }

  private static long bin(double value, int width) {
    return (long) Math.floor(Math.scalb(value, -width));
  }

  /** The number of values. */
  long total() {
    return total;
  }

  /** The smallest value; infinity if there is none. */
  double min() {
    return min;
  }

  /** The greatest value; negative infinity if there is none. */
  double max() {
    return max;
  }

  /** The number of bins; all of them together hold all values. */
  int bins() {
    return counts.length;
  }

  /** How many values lie in a bin. */
  long count(int bin) {
    return counts[bin];
  }

  /** The lower edge of a bin, which is in it. */
  double edge(int bin) {
    return Math.scalb((double) (first + bin), exponent);
  }

  /** The middle of a bin's part that lies between the smallest and the greatest value. */
  double center(int bin) {
    return (Math.max(edge(bin), min) + Math.min(edge(bin + 1), max)) / 2;
  }

  /**
   * The value below which a share of all values lies, to within a bin.
   *
   * @param share 0 to 1
   */
  double quantile(double share) {
    double wanted = share * total;
    double below = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0 && below + counts[i] >= wanted) {
        double inside = Math.max(0, wanted - below) / counts[i];
        double value = edge(i) + inside * (edge(i + 1) - edge(i));
        return Math.clamp(value, min, max);
      }
      below += counts[i];
    }
    return max;
  }
}
