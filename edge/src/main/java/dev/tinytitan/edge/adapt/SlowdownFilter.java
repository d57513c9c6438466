package dev.tinytitan.edge.adapt;

/**
 * Estimates by what factor everything runs slower than in the profiles: one Kalman filter for all
 * points, as in Wan et al. 2020, "ALERT: Accurate Learning for Energy and Timeliness". The noise of
 * the process follows the innovations, so the filter is calm when nothing happens and quick when
 * something does. Not thread-safe.
 */
final class SlowdownFilter {
  private static final double MEASUREMENT_NOISE = 1e-3;
  private static final double LEAST_PROCESS_NOISE = 1e-4;
  private static final double FORGETTING = 0.7;

  /** How much of the relative variance of single runs stays. */
  private static final double SPREAD_MEMORY = 0.95;

  private static final double LONG_SPREAD_MEMORY = 0.99;

  /** A difference counts up to so many times the variance. */
  private static final double MOST_GROWTH = 9;

  private double mean = 1;
  private double variance = 0.1;
  private double gain = 0.5;
  private double processNoise = 0.01;
  private double spread = 0.01;
  private double longSpread = 0.01;
  private int runs;
  private double last = Double.NaN;

  /** The estimated factor. */
  double mean() {
    return mean;
  }

  /** The same, by what runs showed over a longer time: for steps that can wait. */
  double cautiousDeviation() {
    return Math.sqrt(variance + square(mean) * Math.max(spread, longSpread));
  }

  /** The standard deviation of the next factor: of the estimate, and of single runs around it. */
  double deviation() {
    return Math.sqrt(variance + square(mean) * spread);
  }

  /**
   * Takes in a run.
   *
   * @param factor its time as a multiple of its profile's
   */
  void observe(double factor) {
    double innovation = factor - mean;
    processNoise =
        Math.max(
            LEAST_PROCESS_NOISE,
            FORGETTING * processNoise + (1 - FORGETTING) * square(gain * innovation));
    double predicted = (1 - gain) * variance + processNoise;
    gain = predicted / (predicted + MEASUREMENT_NOISE + square(mean) * spread / 4);
    variance = (1 - gain) * predicted;
    mean = Math.max(0.05, mean + gain * innovation);
    // Noise is what neighbours differ by: what the mean follows is none, and a jump counts once,
    // and
    // not in full.
    double difference = Double.isNaN(last) ? 0 : 2 * square((factor - last) / (factor + last));
    last = factor;
    spread = blend(spread, difference, SPREAD_MEMORY);
    // At first the memory is short, so that the initial guess is soon forgotten.
    runs++;
    longSpread = blend(longSpread, difference, Math.min(LONG_SPREAD_MEMORY, runs / (runs + 4.0)));
  }

  private static double blend(double spread, double difference, double memory) {
    return memory * spread
        + (1 - memory) * Math.min(difference, MOST_GROWTH * spread + LEAST_PROCESS_NOISE);
  }

  /** Says that the factor changed by a known ratio, before it can be seen in a run. */
  void scale(double ratio) {
    mean = Math.max(0.05, mean * ratio);
    variance = Math.max(variance, square(0.1 * mean));
  }

  private static double square(double value) {
    return value * value;
  }
}
