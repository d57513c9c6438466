package dev.tinytitan.compress.statistics;

/**
 * An estimate with its 95 % confidence interval.
 *
 * @param value the estimate
 * @param low the lower end
 * @param high the upper end
 */
public record Interval(double value, double low, double high) {
  /**
   * A share, with Wilson's interval (1927): sound near 0 and 1 and for few trials.
   *
   * @param hits from 0 to {@code trials}
   * @param trials at least 1
   */
  public static Interval ofShare(int hits, int trials) {
    double z2 = Quantiles.NORMAL_975 * Quantiles.NORMAL_975;
    double share = hits / (double) trials;
    double centre = (share + z2 / (2 * trials)) / (1 + z2 / trials);
    double half =
        Quantiles.NORMAL_975
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
    double half =
        Quantiles.student(Quantiles.NORMAL_975, count - 1)
            * Math.sqrt(squares / (count - 1) / count);
    return new Interval(mean, mean - half, mean + half);
  }
}
