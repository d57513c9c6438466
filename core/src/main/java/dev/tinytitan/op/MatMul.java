package dev.tinytitan.op;

import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Matrix product as NumPy's {@code matmul}: stacks of matrices are broadcast, vectors are rows on
 * the left and columns on the right. Float types, and 32- and 64-bit integers, which wrap. ONNX:
 * MatMul-13.
 */
public record MatMul() implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("MatMul", 13)
          .compatibleSince(1)
          .inputs(2)
          .decoder(new FrequentDecoder("MatMul"))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType a = context.input(0);
    Shapes.requireSameDType(a, context.input(1));
    return List.of(MatrixProduct.infer(a, context.input(1), a.dtype()));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor a = context.input(0);
    Tensor b = context.input(1);
    MatrixProduct product = new MatrixProduct(a.shape(), b.shape());
    Tensor y = context.output(0, a.dtype(), product.outputShape());
    if (a.dtype().isFloat()) {
      Elements.store(product.multiply(a.toDoubleArray(), b.toDoubleArray()), y);
    } else {
      long[] values = product.multiply(a.toLongArray(), b.toLongArray());
      for (int i = 0; i < values.length; i++) {
        y.setLong(i, values[i]);
      }
    }
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    return MatrixProduct.cost(inputs, outputs, MatrixProduct.lastDim(inputs.get(0)));
  }

  @Override
  public void gradient(GradientContext context) {
    Shape aShape = context.shape(context.input(0));
    Shape bShape = context.shape(context.input(1));
    String a = aShape.rank() > 1 ? context.input(0) : asMatrix(context, 0, 1, aShape.dim(0));
    String b = bShape.rank() > 1 ? context.input(1) : asMatrix(context, 1, bShape.dim(0), 1);
    int rows = context.shape(a).dim(-2);
    int depth = context.shape(a).dim(-1);
    int columns = context.shape(b).dim(-1);
    if (bShape.rank() <= 2) {
      // One matrix on the right: the stack on the left is one tall matrix.
      int tall = context.shape(a).size() / depth;
      String left = Gradients.reshaped(context, a, Shape.of(tall, depth));
      String dy = Gradients.reshaped(context, context.gradient(0), Shape.of(tall, columns));
      if (context.wants(0)) {
        String gradient = context.add(new Gemm(1, 1, false, true), dy, b);
        context.give(0, Gradients.reshaped(context, gradient, aShape));
      }
      if (context.wants(1)) {
        String gradient = context.add(new Gemm(1, 1, true, false), left, dy);
        context.give(1, Gradients.reshaped(context, gradient, bShape));
      }
      return;
    }
    Shape result = context.shape(context.output(0));
    int[] dims = Arrays.copyOf(result.toArray(), result.rank() + (aShape.rank() > 1 ? 0 : 1));
    dims[dims.length - 2] = rows;
    dims[dims.length - 1] = columns;
    String dy = Gradients.reshaped(context, context.gradient(0), Shape.of(dims));
    if (context.wants(0)) {
      String gradient = context.add(new MatMul(), dy, Gradients.transposed(context, b));
      context.give(0, aShape.rank() > 1 ? gradient : toVector(context, gradient, depth));
    }
    if (context.wants(1)) {
      context.give(1, context.add(new MatMul(), Gradients.transposed(context, a), dy));
    }
  }

  private static String asMatrix(GradientContext context, int input, int rows, int columns) {
    return Gradients.reshaped(context, context.input(input), Shape.of(rows, columns));
  }

  /** The sum of a stack of matrices of one row, as a vector. */
  private static String toVector(GradientContext context, String stack, int length) {
    int rows = context.shape(stack).size() / length;
    String tall = Gradients.reshaped(context, stack, Shape.of(rows, length));
    return Gradients.reshaped(context, Gradients.sum(context, tall, 0), Shape.of(length));
  }
}
