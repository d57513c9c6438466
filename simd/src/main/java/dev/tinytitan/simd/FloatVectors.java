package dev.tinytitan.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors that the kernels use: as wide as the processor prefers, unless the system property
 * {@code tinytitan.vector.bits} (128, 256 or 512) narrows them.
 */
final class FloatVectors {
  private FloatVectors() {}

  static final VectorSpecies<Float> SPECIES = species();

  static final int LANES = SPECIES.length();

  /** A byte for each float, where a vector of them has 64 bits or more; see {@link #HAS_BYTES}. */
  static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(
          byte.class, VectorShape.forBitSize(Math.max(64, SPECIES.vectorBitSize() / 4)));

  /** Whether {@link #BYTES} has as many lanes as there are floats in a vector. */
  static final boolean HAS_BYTES = BYTES.length() == LANES;

  /** True where there are 32 vector registers, not 16: with AVX-512, and on AArch64. */
  static final boolean MANY_REGISTERS =
      FloatVector.SPECIES_PREFERRED.vectorBitSize() >= 512
          || System.getProperty("os.arch", "").equals("aarch64");

  private static final VectorShuffle<Float> ACROSS_8 = across(8);
  private static final VectorShuffle<Float> ACROSS_4 = across(4);
  private static final VectorShuffle<Float> ACROSS_2 = across(2);
  private static final VectorShuffle<Float> ACROSS_1 = across(1);

  /** Exchanges lanes that are {@code distance} apart. */
  private static VectorShuffle<Float> across(int distance) {
    return VectorShuffle.fromOp(SPECIES, lane -> distance < LANES ? lane ^ distance : lane);
  }

  /**
   * The sum of all lanes, always in the same order. {@link FloatVector#reduceLanes} leaves the
   * order open, and compiled code takes another one than the interpreter: the same input would give
   * other bits as a program warms up.
   */
  static float sum(FloatVector vector) {
    if (LANES > 16) {
      float sum = 0;
      for (int lane = 0; lane < LANES; lane++) {
        sum += vector.lane(lane);
      }
      return sum;
    }
    FloatVector sum = vector;
    if (LANES > 8) {
      sum = sum.add(sum.rearrange(ACROSS_8));
    }
    if (LANES > 4) {
      sum = sum.add(sum.rearrange(ACROSS_4));
    }
    if (LANES > 2) {
      sum = sum.add(sum.rearrange(ACROSS_2));
    }
    return sum.add(sum.rearrange(ACROSS_1)).lane(0);
  }

  private static VectorSpecies<Float> species() {
    int bits = Integer.getInteger("tinytitan.vector.bits", 0);
    int preferred = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    return bits == 0 || bits >= preferred
        ? FloatVector.SPECIES_PREFERRED
        : VectorSpecies.of(float.class, VectorShape.forBitSize(bits));
  }
}
