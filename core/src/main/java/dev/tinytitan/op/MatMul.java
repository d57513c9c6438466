package dev.tinytitan.op;

import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
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
          .decoder(context -> new MatMul())
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
}
