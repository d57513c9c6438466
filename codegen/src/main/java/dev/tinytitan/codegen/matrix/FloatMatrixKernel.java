package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.memory.CallBlock;
import dev.tinytitan.kernel.PackedWeights;
import java.lang.foreign.MemorySegment;

/** Rows of floats times a matrix of floats. */
final class FloatMatrixKernel extends MatrixKernel {

  FloatMatrixKernel(PackedMatrix matrix, int rows, double productsPerNano, PackedWeights owner) {
    super(matrix, rows, productsPerNano, owner);
  }

  @Override
  public boolean reads(int index) {
    return index == 0 || index == RESIDUAL;
  }

  @Override
  long nativeBytes() {
    return 0;
  }

  @Override
  long prepare(CallBlock call, float[] input, MemorySegment memory, int from, int to) {
    return (long) from * matrix().shape().inputStride();
  }
}
