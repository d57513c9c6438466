package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Matrix product with what stands around it: {@code activation(alpha * (a · b') + bias +
 * residual)}, for MatMul and Gemm alike. Inputs: a and b as {@link MatMul} takes them (stacks are
 * broadcast), optionally a bias with one element per column, optionally a residual of the output's
 * shape. Internal.
 *
 * @param transB whether the last two dimensions of b are exchanged: b is {@code […, N, K]}
 */
public record FusedMatMul(boolean transB, float alpha, Activation activation) implements Operator {
  static final OpSpec SPEC = OpSpec.internal("FusedMatMul").inputs(2, 4).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(false, "transB", transB)
        .putUnless(1f, "alpha", alpha)
        .put("activation", activation.toString())
        .build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType a = context.input(0);
    TensorType b = context.input(1);
    return List.of(MatrixProduct.infer(a, transB ? MatrixProduct.transpose(b) : b, a.dtype()));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor a = context.input(0);
    Tensor b = context.input(1);
    Shape bShape = transB ? MatrixProduct.transpose(b.shape()) : b.shape();
    MatrixProduct product = new MatrixProduct(a.shape(), bShape);
    double[] right = b.toDoubleArray();
    double[] y =
        product.multiply(
            a.toDoubleArray(), transB ? MatrixProduct.transpose(right, b.shape()) : right);
    double[] bias = product.columnVector("bias", context.hasInput(2) ? context.input(2) : null, 0);
    for (int i = 0; i < y.length; i++) {
      y[i] = alpha * y[i] + bias[i % bias.length];
    }
    FusedConv.finish(context, y, a, product.outputShape(), activation);
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    return MatrixProduct.cost(inputs, outputs, MatrixProduct.lastDim(inputs.get(0)));
  }
}
