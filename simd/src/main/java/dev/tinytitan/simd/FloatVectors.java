package dev.tinytitan.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors that the kernels use: as wide as the processor prefers, unless the system property
 * {@code tinytitan.vector.bits} (128, 256 or 512) narrows them.
 */
final class FloatVectors {
  private FloatVectors() {}

  static final VectorSpecies<Float> SPECIES = species();

  static final int LANES = SPECIES.length();

  /** True where there are 32 vector registers, not 16: with AVX-512, and on AArch64. */
  static final boolean MANY_REGISTERS =
      FloatVector.SPECIES_PREFERRED.vectorBitSize() >= 512
          || System.getProperty("os.arch", "").equals("aarch64");

  private static VectorSpecies<Float> species() {
    int bits = Integer.getInteger("tinytitan.vector.bits", 0);
    int preferred = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    return bits == 0 || bits >= preferred
        ? FloatVector.SPECIES_PREFERRED
        : VectorSpecies.of(float.class, VectorShape.forBitSize(bits));
  }
}
