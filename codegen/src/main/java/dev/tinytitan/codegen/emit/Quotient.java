package dev.tinytitan.codegen.emit;

import static dev.tinytitan.codegen.x86.Instruction.VDIVPS;
import static dev.tinytitan.codegen.x86.Instruction.VFMADD231PS;
import static dev.tinytitan.codegen.x86.Instruction.VFNMADD213PS;
import static dev.tinytitan.codegen.x86.Instruction.VMULPS;

/**
 * Correctly rounded quotients by a scale. A division of 512 bits takes 16 cycles; so with enough
 * registers the quotient is computed from the reciprocal and corrected twice by its exact
 * remainder, which gives the correctly rounded quotient (P. Markstein, "Computation of elementary
 * functions on the IBM RISC System/6000 processor", 1990).
 */
public final class Quotient {
  /** Scales between which no step of the division overflows or becomes denormal. */
  private static final float LEAST_SCALE = 0x1p-60f;

  private Quotient() {}

  /** Whether division by this scale is exact as it is done here. */
  public static boolean takes(float scale) {
    return scale >= LEAST_SCALE && scale <= 1 / LEAST_SCALE;
  }

  /**
   * Divides: all arguments are different registers.
   *
   * @param to gets the quotient
   * @param x what is divided; stays
   * @param scale in all places; stays
   * @param reciprocal of the scale, rounded; stays
   * @param spare changes
   */
  public static void emit(VectorCode code, int to, int x, int scale, int reciprocal, int spare) {
    if (code.isa().vectorRegisters() < 32) {
      code.op(VDIVPS, to, x, scale);
      return;
    }
    code.op(VMULPS, to, x, reciprocal);
    for (int i = 0; i < 2; i++) {
      code.copy(spare, to);
      code.op(VFNMADD213PS, spare, scale, x);
      code.op(VFMADD231PS, to, spare, reciprocal);
    }
  }
}
