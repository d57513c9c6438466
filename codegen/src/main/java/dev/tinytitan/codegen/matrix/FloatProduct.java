package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.FusedMatMul;
import dev.tinytitan.tensor.Shape;
import java.util.Optional;

/**
 * A product of rows of floats with a constant matrix, in whatever type its numbers are stored.
 *
 * @param activation what follows
 * @param transposed whether the matrix has a row for each column of the product
 */
record FloatProduct(KernelRequest request, Activation activation, boolean transposed) {
  static final int MATRIX = 1;

  /**
   * As an operator says it.
   *
   * @param operator a {@link FusedMatMul}, or one with neither activation nor transposition
   */
  static FloatProduct of(KernelRequest request, Operator operator) {
    return operator instanceof FusedMatMul fused
        ? new FloatProduct(request, fused.activation(), fused.transB())
        : new FloatProduct(request, Activation.NONE, false);
  }

  /** About how many products a core does in a nanosecond. */
  static double productsPerNano(Isa isa) {
    return isa.vectorBits() / 10.0;
  }

  MatrixShape shape() {
    Shape matrix = request.inputShape(MATRIX);
    return transposed
        ? new MatrixShape(matrix.dim(1), matrix.dim(0), Float.BYTES)
        : new MatrixShape(matrix.dim(0), matrix.dim(1), Float.BYTES);
  }

  /** Rows of the product; its matrix has two dimensions. */
  int rows() {
    return request.outputShape(0).size() / shape().columns();
  }

  boolean hasResidual() {
    return request.hasInput(FloatMatrixKernel.RESIDUAL);
  }

  /** Why {@link MatrixCode} cannot compute it, if so. */
  Optional<String> refusal(Isa isa) {
    if (!request.isConstant(MATRIX)
        || request.inputShape(MATRIX).rank() != 2
        || request.inputShape(0).rank() < 2
        || request.isConstant(0)) {
      return Optional.of("it is no product of rows with a constant matrix");
    }
    if (request.outputShape(0).size() == 0 || request.inputShape(MATRIX).size() == 0) {
      return Optional.of("nothing to compute");
    }
    if (!MatrixKernel.takes(isa, shape(), productsPerNano(isa))) {
      return Optional.of("the sums are too long for a short call");
    }
    if (hasResidual()
        && !request.inputShape(FloatMatrixKernel.RESIDUAL).equals(request.outputShape(0))) {
      return Optional.of("the residual is broadcast");
    }
    if (!MatrixEpilogue.takes(activation)) {
      return Optional.of("there is no code for the activation " + activation);
    }
    return Optional.empty();
  }
}
