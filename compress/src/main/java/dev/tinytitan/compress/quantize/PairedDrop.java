package dev.tinytitan.compress.quantize;

/**
 * How much worse one model is than another on the same samples.
 *
 * @param mean the mean of the differences, first minus second
 * @param deviation the standard deviation of the differences; 0 for fewer than two
 * @param count how many samples
 */
record PairedDrop(double mean, double deviation, int count) {
  private static final double NORMAL_95 = 1.6448536269514722;

  /**
   * Compares scores of the same samples.
   *
   * @param before of the first model
   * @param after of the second, as many
   */
  static PairedDrop of(double[] before, double[] after) {
    int count = before.length;
    double mean = 0;
    for (int i = 0; i < count; i++) {
      mean += (before[i] - after[i]) / count;
    }
    double squares = 0;
    for (int i = 0; i < count; i++) {
      double difference = before[i] - after[i] - mean;
      squares += difference * difference;
    }
    return new PairedDrop(mean, count < 2 ? 0 : Math.sqrt(squares / (count - 1)), count);
  }

  /** The drop is at most this, at 95 % confidence (one-sided Student's t). */
  double bound() {
    return boundOn(count);
  }

  /** What {@link #bound} can be expected to be on so many samples of the same kind. */
  double boundOn(int samples) {
    if (count < 2 || samples < 2) {
      return count == 0 ? 0 : Double.POSITIVE_INFINITY;
    }
    return mean + student(samples - 1) * deviation / Math.sqrt(samples);
  }

  /**
   * The 95 % quantile of Student's t, by the Cornish-Fisher expansion: to 1 % from 3 degrees on.
   */
  private static double student(int degrees) {
    double z = NORMAL_95;
    double z3 = z * z * z;
    double z5 = z3 * z * z;
    return z + (z3 + z) / (4.0 * degrees) + (5 * z5 + 16 * z3 + 3 * z) / (96.0 * degrees * degrees);
  }
}
