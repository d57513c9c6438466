package dev.tinytitan.data;

import java.util.SplittableRandom;

/**
 * Random numbers that are the same on every machine: normal ones come from {@link StrictMath},
 * where those of the standard library may depend on the processor. One thread at a time.
 */
final class StrictRandom {
  private final SplittableRandom random;

  /**
   * Begins anew for a seed.
   *
   * @param seed any; near seeds give unrelated numbers
   */
  StrictRandom(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** Evenly distributed from {@code from} to {@code to}, exclusive. */
  double between(double from, double to) {
    return from + (to - from) * random.nextDouble();
  }

  /** Evenly distributed from 0 to 1, exclusive. */
  double uniform() {
    return random.nextDouble();
  }

  /** Normally distributed, mean 0, deviation 1 (Marsaglia's polar method). */
  double gaussian() {
    while (true) {
      double x = between(-1, 1);
      double y = between(-1, 1);
      double square = x * x + y * y;
      if (square > 0 && square < 1) {
        return x * Math.sqrt(-2 * StrictMath.log(square) / square);
      }
    }
  }

  /** True with a probability. */
  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }
}
