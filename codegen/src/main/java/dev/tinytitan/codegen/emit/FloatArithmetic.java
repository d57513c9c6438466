package dev.tinytitan.codegen.emit;

import static dev.tinytitan.codegen.x86.Instruction.VADDPS;
import static dev.tinytitan.codegen.x86.Instruction.VFMADD231PS;

import dev.tinytitan.codegen.x86.Instruction;
import dev.tinytitan.codegen.x86.Mem;

/** Sums of products of floats, each added without rounding the product. */
public final class FloatArithmetic implements ProductArithmetic {
  private final VectorCode code;

  /** Sums that {@code code} gets the instructions for. */
  public FloatArithmetic(VectorCode code) {
    this.code = code;
  }

  @Override
  public int weightBytes() {
    return code.vectorBytes();
  }

  @Override
  public boolean isSingle() {
    return true;
  }

  @Override
  public boolean isExact() {
    return false;
  }

  @Override
  public int spares() {
    return 0;
  }

  @Override
  public void prepare(int input, int spares) {}

  @Override
  public void add(int sum, int input, int spares, Mem weights) {
    code.op(VFMADD231PS, sum, input, weights);
  }

  @Override
  public void add(int sum, int input, int weights) {
    code.op(VFMADD231PS, sum, input, weights);
  }

  @Override
  public Instruction sum() {
    return VADDPS;
  }
}
