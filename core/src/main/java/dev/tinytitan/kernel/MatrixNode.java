package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.DequantizedMatMul;
import dev.tinytitan.op.FusedMatMul;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Shapes;
import dev.tinytitan.tensor.Shape;
import java.util.Optional;

/**
 * What matrix kernels want to know of a MatMul, FusedMatMul or Gemm node.
 *
 * @param rows rows of each product
 * @param depth length of the sums
 * @param columns columns of each product
 * @param transB whether b is given as {@code [columns, depth]}
 * @param batch the dimensions of the stack of products
 */
record MatrixNode(
    Shape a,
    Shape b,
    int rows,
    int depth,
    int columns,
    boolean transB,
    float alpha,
    Activation then,
    Shape batch) {

  /** Why no float kernel can compute this node; empty if one can. */
  static Optional<String> refusal(KernelRequest request) {
    if (request.operator() instanceof Gemm gemm && gemm.transA()) {
      return Optional.of("a is transposed");
    }
    if (request.inputDType(0) != request.inputDType(1)) {
      return Optional.of("the inputs differ in dtype");
    }
    if (request.hasInput(2) && !(request.isConstant(2) && hasVectorBias(request))) {
      return Optional.of("the bias is not a constant with one element per column");
    }
    MatrixNode node = of(request);
    return node.rows == 0 || node.depth == 0 || node.columns == 0 || node.batch.size() == 0
        ? Optional.of("nothing to compute")
        : Optional.empty();
  }

  private static boolean hasVectorBias(KernelRequest request) {
    Shape shape = request.inputShape(2);
    int columns = of(request).columns;
    return shape.size() == 1
        || (shape.size() == columns && shape.rank() > 0 && shape.dim(-1) == columns);
  }

  static MatrixNode of(KernelRequest request) {
    Operator operator = request.operator();
    Shape a = request.inputShape(0);
    Shape b = request.inputShape(1);
    boolean transB = false;
    float alpha = 1;
    Activation then = Activation.NONE;
    if (operator instanceof Gemm gemm) {
      transB = gemm.transB();
      alpha = gemm.alpha();
    } else if (operator instanceof FusedMatMul || operator instanceof DequantizedMatMul) {
      FusedMatMul fused =
          operator instanceof DequantizedMatMul dequantized
              ? dequantized.product()
              : (FusedMatMul) operator;
      transB = fused.transB() && b.rank() > 1;
      alpha = fused.alpha();
      then = fused.activation();
    } else {
      request.operator(MatMul.class);
    }
    int depth = a.dim(-1);
    int rows = a.rank() > 1 ? a.dim(-2) : 1;
    int columns = b.rank() == 1 ? 1 : transB ? b.dim(-2) : b.dim(-1);
    Shape batch = Shapes.broadcast(stack(a), stack(b));
    return new MatrixNode(a, b, rows, depth, columns, transB, alpha, then, batch);
  }

  /** The dimensions before the last two. */
  static Shape stack(Shape shape) {
    int rank = Math.max(0, shape.rank() - 2);
    int[] dims = new int[rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = shape.dim(i);
    }
    return Shape.of(dims);
  }

  double products() {
    return (double) batch.size() * rows * depth * columns;
  }

  /** Distance of neighbours along the sums in b. */
  int depthStride() {
    return transB ? 1 : columns;
  }

  /** Distance of neighbouring columns in b. */
  int columnStride() {
    return transB ? depth : 1;
  }

  /** One for each column; zeros if the node has none. */
  float[] bias(KernelRequest request) {
    float[] bias = new float[columns];
    if (request.hasInput(2)) {
      float[] given = request.constant(2).toFloatArray();
      float beta = request.operator() instanceof Gemm gemm ? gemm.beta() : 1;
      for (int i = 0; i < columns && beta != 0; i++) {
        bias[i] = beta * given[given.length == 1 ? 0 : i];
      }
    }
    return bias;
  }
}
