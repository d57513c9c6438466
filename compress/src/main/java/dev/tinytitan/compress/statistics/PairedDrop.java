package dev.tinytitan.compress.statistics;

/**
 * How much worse one model is than another on the same samples.
 *
 * <p>Where each sample is a hit or a miss, intervals are those of Bonett and Price (2012, "Adjusted
 * Wald confidence interval for a difference of binomial proportions based on paired data"): they do
 * not shrink to nothing where no answer differs. Elsewhere they are Student's.
 *
 * @param mean the mean of the differences, first minus second
 * @param deviation the standard deviation of the differences; 0 for fewer than two
 * @param count how many samples
 * @param hit what a hit scores where each sample scores that or 0; 0 for other scores
 * @param worse how many samples are hits of the first model alone; 0 for other scores
 * @param better how many are hits of the second alone; 0 for other scores
 */
public record PairedDrop(
    double mean, double deviation, int count, double hit, int worse, int better) {

  /**
   * Compares scores of the same samples.
   *
   * @param before of the first model
   * @param after of the second, as many
   */
  public static PairedDrop of(double[] before, double[] after) {
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
    double deviation = count < 2 ? 0 : Math.sqrt(squares / (count - 1));
    return new PairedDrop(mean, deviation, count, 0, 0, 0);
  }

  /**
   * A drop of a figure that is no mean over samples.
   *
   * @param count how many samples
   * @param drop how much the figure falls
   * @param error the standard error of that
   */
  public static PairedDrop of(int count, double drop, double error) {
    return new PairedDrop(drop, error * Math.sqrt(count), count, 0, 0, 0);
  }

  /**
   * Compares hits of the same samples.
   *
   * @param before scores of the first model, each {@code hit} or 0
   * @param after of the second, as many
   * @param hit what a hit scores, such as 100; more than 0
   */
  public static PairedDrop ofHits(double[] before, double[] after, double hit) {
    PairedDrop plain = of(before, after);
    int worse = 0;
    int better = 0;
    for (int i = 0; i < before.length; i++) {
      worse += before[i] > after[i] ? 1 : 0;
      better += before[i] < after[i] ? 1 : 0;
    }
    return new PairedDrop(plain.mean(), plain.deviation(), before.length, hit, worse, better);
  }

  /** The drop is at most this, at 95 % confidence (one-sided). */
  public double bound() {
    return boundOn(count);
  }

  /** What {@link #bound} can be expected to be on so many samples of the same kind. */
  public double boundOn(int samples) {
    if (count == 0) {
      return 0;
    }
    return hit > 0 ? hits(samples).high(Quantiles.NORMAL_95) : student(samples);
  }

  /** The mean drop with its two-sided 95 % interval. */
  public Interval interval() {
    if (count == 0) {
      return new Interval(0, 0, 0);
    }
    if (hit > 0) {
      Centre centre = hits(count);
      return new Interval(
          mean, centre.low(Quantiles.NORMAL_975), centre.high(Quantiles.NORMAL_975));
    }
    double half =
        count < 2
            ? Double.POSITIVE_INFINITY
            : Quantiles.student(Quantiles.NORMAL_975, count - 1) * deviation / Math.sqrt(count);
    return new Interval(mean, mean - half, mean + half);
  }

  /**
   * The bound that two models which never differ would have: what no model can be shown to be
   * better than on so many samples.
   *
   * @param hit what a hit scores
   */
  public static double leastBound(int samples, double hit) {
    return new PairedDrop(0, 0, samples, hit, 0, 0).bound();
  }

  private double student(int samples) {
    if (count < 2 || samples < 2) {
      return Double.POSITIVE_INFINITY;
    }
    return mean
        + Quantiles.student(Quantiles.NORMAL_95, samples - 1) * deviation / Math.sqrt(samples);
  }

  /** Both shares of differing answers, one answer of each kind added. */
  private Centre hits(int samples) {
    double scale = samples / (double) count;
    double first = (worse * scale + 1) / (samples + 2);
    double second = (better * scale + 1) / (samples + 2);
    double difference = first - second;
    double variance = (first + second - difference * difference) / (samples + 2);
    return new Centre(hit * difference, hit * Math.sqrt(variance), hit);
  }

  private record Centre(double value, double error, double most) {
    double high(double z) {
      return Math.min(most, value + z * error);
    }

    double low(double z) {
      return Math.max(-most, value - z * error);
    }
  }
}
