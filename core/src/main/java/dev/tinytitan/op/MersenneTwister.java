package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), with doubles of 53 bits and normal
 * numbers by the polar method as NumPy's {@code RandomState} makes them: a seeded operator gives
 * the numbers that ONNX's reference implementation gives. Not safe for concurrent use.
 */
final class MersenneTwister implements RandomGenerator {
  private static final int SIZE = 624;
  private static final int SHIFT = 397;

  private final int[] state = new int[SIZE];
  private int position = SIZE;
  private double spare = Double.NaN;

  MersenneTwister(int seed) {
    state[0] = seed;
    for (int i = 1; i < SIZE; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
  }

  /** A generator for an operator's seed; without one, seeded from the thread's own generator. */
  static MersenneTwister of(@Nullable Float seed) {
    return new MersenneTwister(
        seed == null ? ThreadLocalRandom.current().nextInt() : (int) (long) (float) seed);
  }

  /** The attribute {@code seed} of a random operator; null if absent. */
  static @Nullable Float seed(Attributes attributes) {
    return attributes.has("seed") ? (Float) attributes.getFloat("seed", 0) : null;
  }

  /** Writes a seed back as an attribute. */
  static Attributes.Builder putSeed(Attributes.Builder attributes, @Nullable Float seed) {
    return seed == null ? attributes : attributes.put("seed", (float) seed);
  }

  @Override
  public int nextInt() {
    if (position == SIZE) {
      refill();
    }
    int bits = state[position++];
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9D2C5680;
    bits ^= (bits << 15) & 0xEFC60000;
    return bits ^ (bits >>> 18);
  }

  private void refill() {
    for (int i = 0; i < SIZE; i++) {
      int bits = (state[i] & 0x80000000) | (state[(i + 1) % SIZE] & 0x7FFFFFFF);
      state[i] = state[(i + SHIFT) % SIZE] ^ (bits >>> 1) ^ ((bits & 1) != 0 ? 0x9908B0DF : 0);
    }
    position = 0;
  }

  @Override
  public long nextLong() {
    return ((long) nextInt() << 32) | (nextInt() & 0xFFFFFFFFL);
  }

  @Override
  public double nextDouble() {
    int high = nextInt() >>> 5;
    int low = nextInt() >>> 6;
    return (high * 0x1p26 + low) * 0x1p-53;
  }

  @Override
  public double nextGaussian() {
    if (!Double.isNaN(spare)) {
      double result = spare;
      spare = Double.NaN;
      return result;
    }
    while (true) {
      double x = 2 * nextDouble() - 1;
      double y = 2 * nextDouble() - 1;
      double square = x * x + y * y;
      if (square > 0 && square < 1) {
        double factor = Math.sqrt(-2 * Math.log(square) / square);
        spare = factor * x;
        return factor * y;
      }
    }
  }
}
