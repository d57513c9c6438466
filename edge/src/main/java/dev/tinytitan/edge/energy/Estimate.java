package dev.tinytitan.edge.energy;

/**
 * A figure and how sure it is: the truth is thought to lie between two bounds.
 *
 * @param low the lower bound, 0 or more
 * @param value the best guess
 * @param high the upper bound
 */
public record Estimate(double low, double value, double high) {
  /** Nothing, for sure. */
  public static final Estimate ZERO = new Estimate(0, 0, 0);

  public Estimate {
    if (!(low >= 0 && low <= value && value <= high) || Double.isInfinite(high)) {
      throw new IllegalArgumentException(
          "an estimate must rise from its lower to its upper bound, not "
              + low
              + ", "
              + value
              + ", "
              + high);
    }
  }

  /** A figure that is taken as it is. */
  public static Estimate exactly(double value) {
    return new Estimate(value, value, value);
  }

  /** A figure of which the truth is off by at most this share, 0 to 1. */
  public static Estimate within(double share, double value) {
    return new Estimate(value * (1 - share), value, value * (1 + share));
  }

  /** The sum, bounds with bounds: what both are wrong by may go the same way. */
  public Estimate plus(Estimate other) {
    return new Estimate(low + other.low, value + other.value, high + other.high);
  }

  /**
   * All three times a factor.
   *
   * @param factor 0 or more
   */
  public Estimate times(double factor) {
    return new Estimate(low * factor, value * factor, high * factor);
  }

  /** True if the bounds are so near that the value can stand alone: within 1 %. */
  public boolean isSure() {
    return high - low <= 0.01 * value;
  }
}
