package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.memory.CallBlock;
import dev.tinytitan.kernel.PackedWeights;
import java.lang.foreign.MemorySegment;

/** Rows of floats times a matrix of floats. */
final class FloatMatrixKernel extends MatrixKernel {
  /** Input of a FusedMatMul. */
  static final int RESIDUAL = 3;

  FloatMatrixKernel(PackedMatrix matrix, int rows, double productsPerNano, PackedWeights owner) {
    super(matrix, rows, productsPerNano, owner);
  }

  @Override
  int residualIndex() {
    return RESIDUAL;
  }

  @Override
  long nativeBytes() {
    return 0;
  }

  @Override
  boolean surveys() {
    return false;
  }

  @Override
  void survey(CallBlock call, float[] input, int part, int parts) {}

  @Override
  void settle(CallBlock[] calls, int surveyed, float[] input) {}

  @Override
  void prepare(CallBlock call, float[] input, MemorySegment memory, int from, int to) {}
}
