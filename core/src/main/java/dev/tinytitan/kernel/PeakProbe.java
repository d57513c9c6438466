package dev.tinytitan.kernel;

import dev.tinytitan.Experimental;
import java.util.Optional;

/** Measures what the processor can do at most; found with {@link java.util.ServiceLoader}. */
@Experimental
public interface PeakProbe {

  /** Why it cannot measure here, and the remedy, in one sentence; empty if it can. */
  Optional<String> problem();

  /** Measures for about a second, on the calling thread. */
  Peaks measure();

  /**
   * What one thread of this processor reaches. Multiply-adds are in 10⁹ a second.
   *
   * @param isa the instruction set, as {@code -Dtinytitan.isa} names it
   * @param floatGmacs float32 fused multiply-adds on registers
   * @param byteGmacs products of 8-bit integers added in int32, on registers
   * @param tileGmacs the same in the inner loop of a matrix product, with its loads
   * @param criticalNanos one call of generated code that garbage collections wait for
   * @param plainNanos one call that they do not wait for
   * @param firstCallMillis the first call of generated code in this process, with all that Java
   *     prepares for it; 0 if it had happened before
   */
  @Experimental
  record Peaks(
      String isa,
      double floatGmacs,
      double byteGmacs,
      double tileGmacs,
      double criticalNanos,
      double plainNanos,
      double firstCallMillis) {}
}
