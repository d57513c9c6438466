package dev.tinytitan.cli.evaluate;

/**
 * An estimate with its 95 % confidence interval.
 *
 * @param value the estimate
 * @param low the lower end
 * @param high the upper end
 */
public record Interval(double value, double low, double high) {
  private static final double NORMAL_975 = 1.959963984540054;

  /**
   * A share, with Wilson's interval (1927): sound near 0 and 1 and for few trials.
   *
   * @param hits from 0 to {@code trials}
   * @param trials at least 1
   */
  public static Interval ofShare(int hits, int trials) {
    double z2 = NORMAL_975 * NORMAL_975;
    double share = hits / (double) trials;
    double centre = (share + z2 / (2 * trials)) / (1 + z2 / trials);
    double half =
        NORMAL_975
            / (1 + z2 / trials)
            * Math.sqrt(share * (1 - share) / trials + z2 / (4.0 * trials * trials));
    return new Interval(share, Math.max(0, centre - half), Math.min(1, centre + half));
  }

  /**
   * The mean of values, with the interval of Student's t; an infinite one for a single value.
   *
   * @param values at least one
   */
  public static Interval ofMean(double[] values) {
    int count = values.length;
    double mean = 0;
    for (double value : values) {
      mean += value / count;
    }
    if (count == 1) {
      return new Interval(mean, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    double half = student(count - 1) * Math.sqrt(squares / (count - 1) / count);
    return new Interval(mean, mean - half, mean + half);
  }

  /** The 97.5 % quantile of Student's t, by the Cornish-Fisher expansion. */
  private static double student(int degrees) {
    double z = NORMAL_975;
    double z3 = z * z * z;
    double z5 = z3 * z * z;
    return z + (z3 + z) / (4.0 * degrees) + (5 * z5 + 16 * z3 + 3 * z) / (96.0 * degrees * degrees);
  }
}
