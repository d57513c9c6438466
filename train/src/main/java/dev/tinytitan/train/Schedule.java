package dev.tinytitan.train;

/** How the learning rate moves while training goes on. Immutable. */
@FunctionalInterface
public interface Schedule {

  /**
   * What the learning rate is multiplied by.
   *
   * @param progress how much of all steps is done, from 0 to below 1
   */
  double factor(double progress);

  /** Always the same. */
  static Schedule constant() {
    return progress -> 1;
  }

  /** Falls along half a cosine from 1 to 0 (Loshchilov and Hutter 2017). */
  static Schedule cosine() {
    return progress -> (1 + Math.cos(Math.PI * progress)) / 2;
  }

  /**
   * Multiplied by {@code factor} each time another of {@code count} equal parts is done.
   *
   * @param count parts, at least 1
   */
  static Schedule steps(int count, double factor) {
    if (count < 1) {
      throw new IllegalArgumentException("a schedule of " + count + " steps");
    }
    return progress -> Math.pow(factor, Math.floor(progress * count));
  }

  /**
   * This schedule, with the rate rising from 0 during the first part.
   *
   * @param part of all steps, from 0 to below 1
   */
  default Schedule withWarmUp(double part) {
    if (!(part >= 0 && part < 1)) {
      throw new IllegalArgumentException("a warm-up of " + part + " of all steps");
    }
    return progress ->
        progress < part
            ? (progress + 1e-3) / (part + 1e-3)
            : factor((progress - part) / (1 - part));
  }
}
