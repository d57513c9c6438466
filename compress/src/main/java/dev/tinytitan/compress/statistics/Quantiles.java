package dev.tinytitan.compress.statistics;

/** Quantiles of the distributions that intervals rest on. */
final class Quantiles {
  static final double NORMAL_95 = 1.6448536269514722;
  static final double NORMAL_975 = 1.959963984540054;

  private Quantiles() {}

  /**
   * A quantile of Student's t, by the Cornish-Fisher expansion: to 1 % from 3 degrees on.
   *
   * @param z the same quantile of the normal distribution
   * @param degrees of freedom, at least 1
   */
  static double student(double z, int degrees) {
    double z3 = z * z * z;
    double z5 = z3 * z * z;
    return z + (z3 + z) / (4.0 * degrees) + (5 * z5 + 16 * z3 + 3 * z) / (96.0 * degrees * degrees);
  }
}
