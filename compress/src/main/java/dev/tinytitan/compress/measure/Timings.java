package dev.tinytitan.compress.measure;

import java.util.Arrays;

/**
 * How long runs took, in nanoseconds. Immutable.
 *
 * <p>Each sample is the mean over a short batch of runs; for runs over about 20 microseconds the
 * batch is a single run.
 */
public final class Timings {
  private final String name;
  private final double[] sorted;

  Timings(String name, double[] samples) {
    this.name = name;
    this.sorted = samples.clone();
    Arrays.sort(sorted);
  }

  /** The contender. */
  public String name() {
    return name;
  }

  /** How many samples there are. */
  public int count() {
    return sorted.length;
  }

  /** The median, in nanoseconds. */
  public double median() {
    return quantile(0.5);
  }

  /**
   * A quantile, in nanoseconds, between neighbouring samples by linear interpolation.
   *
   * @param fraction from 0 to 1
   */
  public double quantile(double fraction) {
    if (fraction < 0 || fraction > 1) {
      throw new IllegalArgumentException("not between 0 and 1: " + fraction);
    }
    double position = fraction * (sorted.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
