package dev.tinytitan.codegen.normalization;

import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.emit.SharedFunctions;
import dev.tinytitan.codegen.memory.NativeFunction;
import dev.tinytitan.codegen.memory.NativeMemory;
import dev.tinytitan.kernel.PackedWeights;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The scales and biases of one normalization in native memory, and the function that reads them.
 * Immutable; safe for many threads until the session ends.
 *
 * @param length elements of a row
 * @param functions referred to, so that the code lasts
 */
record Normalization(
    int length, NativeMemory.Block factors, SharedFunctions functions, NativeFunction function) {

  /**
   * Packs and compiles.
   *
   * @param scale one for each element of a row, or one for all
   * @param bias the same
   * @param owner ends it with the session
   */
  static Normalization of(
      Target target, int length, float epsilon, float[] scale, float[] bias, PackedWeights owner) {
    int bytes = NormalizationGenerator.factorBytes(length, target.isa().vectorBits());
    NativeMemory.Block factors = NativeMemory.allocate(2L * bytes);
    owner.closeAtEnd(factors.end());
    put(factors.segment(), 0, scale, length);
    put(factors.segment(), bytes, bias, length);
    SharedFunctions functions =
        SharedFunctions.of(
            target,
            "layer normalization " + length + " " + epsilon,
            code -> new NormalizationGenerator(code, length, epsilon).emit(),
            owner);
    return new Normalization(
        length, factors, functions, functions.function(NormalizationGenerator.NORMALIZE));
  }

  private static void put(MemorySegment to, long from, float[] values, int length) {
    for (int i = 0; i < length; i++) {
      float value = values[values.length == 1 ? 0 : i];
      to.set(ValueLayout.JAVA_FLOAT, from + (long) Float.BYTES * i, value);
    }
  }
}
