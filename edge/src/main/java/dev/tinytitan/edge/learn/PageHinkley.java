package dev.tinytitan.edge.learn;

/**
 * Tells that the mean of a stream rose (Page 1954; Hinkley 1971): it adds up by how much each
 * number is above the mean so far, and says so when the sum is far above its least. Constant
 * memory. One thread at a time.
 */
public final class PageHinkley {
  private final double tolerance;
  private final double threshold;
  private final int warmUp;
  private long count;
  private double mean;
  private double sum;
  private double least;

  /**
   * @param tolerance how far above the mean is nothing yet, in the stream's unit
   * @param threshold how far the sum must rise
   * @param warmUp after how many numbers it may speak
   */
  public PageHinkley(double tolerance, double threshold, int warmUp) {
    if (!(tolerance >= 0) || !(threshold > 0) || warmUp < 1) {
      throw new IllegalArgumentException(
          "tolerance " + tolerance + ", threshold " + threshold + ", warm-up " + warmUp);
    }
    this.tolerance = tolerance;
    this.threshold = threshold;
    this.warmUp = warmUp;
  }

  /**
   * Takes a number; those that are not finite are left out.
   *
   * @return true if the stream has drifted; it begins anew then
   */
  public boolean add(double value) {
    if (!Double.isFinite(value)) {
      return false;
    }
    count++;
    mean += (value - mean) / count;
    sum += value - mean - tolerance;
    least = Math.min(least, sum);
    if (count >= warmUp && sum - least > threshold) {
      reset();
      return true;
    }
    return false;
  }

  /** Forgets everything. */
  public void reset() {
    count = 0;
    mean = 0;
    sum = 0;
    least = 0;
  }
}
