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
 * Matrix product of 8-bit integers with requantization: what DequantizeLinear → MatMul or Gemm →
 * QuantizeLinear means. {@code sum = bias + Σ (a - aZeroPoint) * (b - bZeroPoint)} exactly in
 * int32, then {@link QuantizedOutput#requantize}. Internal.
 *
 * <p>Inputs: a and b (int8 or uint8) as {@link MatMul} takes them; multipliers (float32, one or one
 * per column: {@link Quantized#multiplier}); optionally bias (int32, one per column); optionally
 * b's zero points (b's dtype, one or one per column; 0 if left out).
 *
 * @param transB whether the last two dimensions of b are exchanged: b is {@code […, N, K]}
 */
public record IntegerMatMul(boolean transB, int aZeroPoint, QuantizedOutput output)
    implements Operator {
  static final OpSpec SPEC = OpSpec.internal("IntegerMatMul").inputs(3, 5).tolerance(0, 0).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return output
        .encode(
            Attributes.builder().putUnless(false, "transB", transB).put("a_zero_point", aZeroPoint))
        .build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType b = context.input(1);
    return List.of(
        MatrixProduct.infer(
            context.input(0), transB ? MatrixProduct.transpose(b) : b, output.dtype()));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor a = context.input(0);
    Tensor b = context.input(1);
    Shape bShape = transB ? MatrixProduct.transpose(b.shape()) : b.shape();
    MatrixProduct product = new MatrixProduct(a.shape(), bShape);
    double[] right =
        Quantized.centered(b, context.hasInput(4) ? context.input(4) : null, transB ? -2 : -1);
    double[] sums =
        product.multiply(
            Quantized.centered(a, Tensor.of(new int[] {aZeroPoint}), 0),
            transB ? MatrixProduct.transpose(right, b.shape()) : right);
    double[] multipliers = product.columnVector("multiplier", context.input(2), 1);
    double[] bias = product.columnVector("bias", context.hasInput(3) ? context.input(3) : null, 0);
    Tensor y = context.output(0, output.dtype(), product.outputShape());
    for (int i = 0; i < sums.length; i++) {
      int sum = (int) (long) (sums[i] + bias[i % bias.length]);
      y.setLong(i, output.requantize(sum, (float) multipliers[i % multipliers.length]));
    }
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    return MatrixProduct.cost(inputs, outputs, MatrixProduct.lastDim(inputs.get(0)));
  }
}
