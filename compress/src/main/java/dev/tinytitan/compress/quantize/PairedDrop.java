package dev.tinytitan.compress.quantize;

/**
 * How much worse one model is than another on the same samples.
 *
 * @param mean the mean of the differences, first minus second
 * @param bound at most this much, at 95 % confidence (one-sided Student's t)
 */
record PairedDrop(double mean, double bound) {
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
    if (count < 2) {
      return new PairedDrop(mean, count == 0 ? 0 : Double.POSITIVE_INFINITY);
    }
    double error = Math.sqrt(squares / (count - 1) / count);
    return new PairedDrop(mean, mean + student(count - 1) * error);
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
