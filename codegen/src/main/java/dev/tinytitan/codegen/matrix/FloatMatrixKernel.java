package dev.tinytitan.codegen.matrix;

import dev.tinytitan.kernel.PackedWeights;

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
}
