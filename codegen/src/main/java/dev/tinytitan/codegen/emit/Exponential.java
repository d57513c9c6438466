package dev.tinytitan.codegen.emit;

import static dev.tinytitan.codegen.x86.Instruction.VCVTDQ2PS;
import static dev.tinytitan.codegen.x86.Instruction.VCVTPS2DQ;
import static dev.tinytitan.codegen.x86.Instruction.VFMADD213PS;
import static dev.tinytitan.codegen.x86.Instruction.VFNMADD231PS;
import static dev.tinytitan.codegen.x86.Instruction.VMAXPS;
import static dev.tinytitan.codegen.x86.Instruction.VMULPS;
import static dev.tinytitan.codegen.x86.Instruction.VPADDD;
import static dev.tinytitan.codegen.x86.Instruction.VPSLLD;

import dev.tinytitan.codegen.standin.SoftmaxRow;
import dev.tinytitan.kernel.Approximations;

/** The exponential of numbers that are at most 0, as a softmax needs it. */
public final class Exponential {
  private Exponential() {}

  /**
   * {@code 2^n · p(r)}, by {@link Approximations}. NaN stays NaN; below -87 the result is that of
   * -87, some 1e-38.
   *
   * @param x argument and result
   * @param spares three registers that may be changed, from this one on
   */
  public static void emit(VectorCode code, int x, int spares) {
    int steps = spares;
    int rounded = spares + 1;
    int polynomial = spares + 2;
    // Of two operands of which one is NaN, the second is the result.
    code.load(steps, code.floats(SoftmaxRow.LEAST));
    code.op(VMAXPS, x, steps, x);
    code.op(VMULPS, steps, x, code.floats(Approximations.LOG2_E));
    code.op(VCVTPS2DQ, steps, steps);
    code.op(VCVTDQ2PS, rounded, steps);
    code.op(VFNMADD231PS, x, rounded, code.floats(Approximations.LN2_HIGH));
    code.op(VFNMADD231PS, x, rounded, code.floats(Approximations.LN2_LOW));
    float[] coefficients = Approximations.expCoefficients();
    code.load(polynomial, code.floats(coefficients[0]));
    for (int i = 1; i < coefficients.length; i++) {
      code.op(VFMADD213PS, polynomial, x, code.floats(coefficients[i]));
    }
    code.op(VFMADD213PS, polynomial, x, code.floats(1));
    code.op(VFMADD213PS, polynomial, x, code.floats(1));
    code.assembler().emit(VPSLLD, code.vector(steps), code.vector(steps), 23);
    code.op(VPADDD, x, polynomial, steps);
  }
}
