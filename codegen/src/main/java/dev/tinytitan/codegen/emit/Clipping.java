package dev.tinytitan.codegen.emit;

import static dev.tinytitan.codegen.x86.Instruction.VMAXPS;
import static dev.tinytitan.codegen.x86.Instruction.VMINPS;

import dev.tinytitan.op.Activation;

/**
 * Cuts floats to a range. NaN stays NaN: of two operands of which one is NaN, the instructions give
 * the second.
 *
 * @param low negative infinity if there is no bound
 * @param high positive infinity if there is no bound
 */
public record Clipping(float low, float high) {
  /** Nothing is cut. */
  public static final Clipping NONE =
      new Clipping(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);

  /** Whether an activation is none, or cuts to a range. */
  public static boolean takes(Activation activation) {
    return activation.isNone() || activation.asClip().isPresent();
  }

  /** An activation that {@link #takes} lets pass. */
  public static Clipping of(Activation activation) {
    return activation.asClip().map(clip -> new Clipping(clip.min(), clip.max())).orElse(NONE);
  }

  /** Cuts registers; changes {@code spare}. */
  public void emit(VectorCode code, int spare, int... registers) {
    if (low != Float.NEGATIVE_INFINITY) {
      code.load(spare, code.floats(low));
      for (int register : registers) {
        code.op(VMAXPS, register, spare, register);
      }
    }
    if (high != Float.POSITIVE_INFINITY) {
      code.load(spare, code.floats(high));
      for (int register : registers) {
        code.op(VMINPS, register, spare, register);
      }
    }
  }
}
