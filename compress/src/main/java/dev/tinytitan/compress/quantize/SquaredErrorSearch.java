package dev.tinytitan.compress.quantize;

/** Looks for the range with the least squared error, first at the one end, then at the other. */
final class SquaredErrorSearch {
  private static final int CANDIDATES = 100;
  private static final double NARROWEST = 0.2;
  private static final int ROUNDS = 2;

  private final Histogram histogram;

  SquaredErrorSearch(Histogram histogram) {
    this.histogram = histogram;
  }

  Range range() {
    double lowest = Math.min(histogram.min(), 0);
    double highest = Math.max(histogram.max(), 0);
    double low = lowest;
    double high = highest;
    for (int round = 0; round < ROUNDS; round++) {
      high = best(low, highest, true);
      low = best(high, lowest, false);
    }
    return Range.of(low, high);
  }

  /** The best end among fractions of the widest, the other end being fixed. */
  private double best(double fixed, double widest, boolean isHigh) {
    double best = widest;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < CANDIDATES && (i == 0 || widest != 0); i++) {
      double candidate = widest * (1 - i * (1 - NARROWEST) / CANDIDATES);
      double error = isHigh ? error(fixed, candidate) : error(candidate, fixed);
      if (error < least) {
        least = error;
        best = candidate;
      }
    }
    return best;
  }

  private double error(double low, double high) {
    ActivationScale scale = ActivationScale.of(Range.of(low, high));
    double sum = 0;
    for (int i = 0; i < histogram.bins(); i++) {
      long count = histogram.count(i);
      if (count > 0) {
        double value = histogram.center(i);
        double difference = value - scale.roundTrip(value);
        sum += count * difference * difference;
      }
    }
    return sum;
  }
}
