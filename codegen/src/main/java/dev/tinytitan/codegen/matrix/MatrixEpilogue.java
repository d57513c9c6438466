package dev.tinytitan.codegen.matrix;

import static dev.tinytitan.codegen.x86.Instruction.VADDPS;
import static dev.tinytitan.codegen.x86.Instruction.VDIVPS;
import static dev.tinytitan.codegen.x86.Instruction.VFMADD213PS;
import static dev.tinytitan.codegen.x86.Instruction.VFNMADD213PS;
import static dev.tinytitan.codegen.x86.Instruction.VMAXPS;
import static dev.tinytitan.codegen.x86.Instruction.VMINPS;
import static dev.tinytitan.codegen.x86.Instruction.VMULPS;
import static dev.tinytitan.codegen.x86.Instruction.VRCP14PS;

import dev.tinytitan.codegen.emit.Clipping;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.kernel.Approximations;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.Gelu;

/** What is done to float results of a tile before they are stored: residual, then activation. */
final class MatrixEpilogue {
  private final VectorCode code;
  private final Activation activation;
  private final boolean residual;

  /**
   * @param activation one that {@link #takes} lets pass
   */
  MatrixEpilogue(VectorCode code, Activation activation, boolean residual) {
    this.code = code;
    this.activation = activation;
    this.residual = residual;
  }

  /** Whether there is code for an activation: a range, or GELU by the error function. */
  static boolean takes(Activation activation) {
    return Clipping.takes(activation) || isGelu(activation);
  }

  private static boolean isGelu(Activation activation) {
    return activation instanceof Activation.Function function
        && function.operator() instanceof Gelu gelu
        && !gelu.tanh();
  }

  /** Finishes a tile's registers and stores them; changes the four registers behind. */
  void emit(MatrixFinish.Tile tile) {
    int spare = tile.rows() * tile.vectors();
    if (residual) {
      addResidual(tile, spare);
    }
    int[] sums = new int[spare];
    for (int sum = 0; sum < spare; sum++) {
      sums[sum] = sum;
      if (isGelu(activation)) {
        gelu(sum, spare);
      }
    }
    if (Clipping.takes(activation)) {
      Clipping.of(activation).emit(code, spare, sums);
    }
    MatrixFinish.store(code, tile);
  }

  private void addResidual(MatrixFinish.Tile tile, int spare) {
    for (int row = 0; row < tile.rows(); row++) {
      for (int vector = 0; vector < tile.vectors(); vector++) {
        int sum = row * tile.vectors() + vector;
        Mem from = tile.residual().plus(row * tile.stride() + vector * code.vectorBytes());
        int count = Math.min(code.dwords(), tile.columns() - vector * code.dwords());
        if (count == code.dwords()) {
          code.op(VADDPS, sum, sum, from);
        } else {
          code.loadFirst(spare, from, count, spare + 1);
          code.op(VADDPS, sum, sum, spare);
        }
      }
    }
  }

  /** {@code x / 2 · (1 + erf(x · √½))}, by {@link Approximations}; changes four registers. */
  private void gelu(int x, int spare) {
    int cut = spare;
    int square = spare + 1;
    int numerator = spare + 2;
    int denominator = spare + 3;
    code.op(VMULPS, cut, x, code.floats(Approximations.SQRT_HALF));
    // NaN comes through: of two operands of which one is NaN, the second is the result.
    code.load(square, code.floats(-Approximations.ERF_LIMIT));
    code.op(VMAXPS, cut, square, cut);
    code.load(square, code.floats(Approximations.ERF_LIMIT));
    code.op(VMINPS, cut, square, cut);
    code.op(VMULPS, square, cut, cut);
    polynomial(numerator, square, Approximations.erfNumerator());
    polynomial(denominator, square, Approximations.erfDenominator());
    code.op(VMULPS, cut, cut, numerator);
    divide(cut, denominator, square);
    code.op(VADDPS, cut, cut, code.floats(1));
    code.op(VMULPS, cut, cut, code.floats(0.5f));
    code.op(VMULPS, x, x, cut);
  }

  /** Wide divisions are slow: 14 bits of the reciprocal, and one step of Newton's method. */
  private void divide(int x, int divisor, int spare) {
    if (code.isa().vectorBits() < 512) {
      code.op(VDIVPS, x, x, divisor);
      return;
    }
    code.op(VRCP14PS, spare, divisor);
    code.op(VFNMADD213PS, divisor, spare, code.floats(2));
    code.op(VMULPS, spare, spare, divisor);
    code.op(VMULPS, x, x, spare);
  }

  /** Coefficients are of falling degree. */
  private void polynomial(int result, int x, float[] coefficients) {
    code.load(result, code.floats(coefficients[0]));
    for (int i = 1; i < coefficients.length; i++) {
      code.op(VFMADD213PS, result, x, code.floats(coefficients[i]));
    }
  }
}
