package dev.tinytitan.op;

import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Matrix product of quantized tensors to a quantized tensor. Inputs: a, its scale and zero point
 * (scalars or one per row); b, its scale and zero point (scalars or one per column); the output's
 * scale and zero point (scalars or one per row), whose dtype the output has. Scales are float32,
 * float16 or bfloat16. Sums are exact; {@link QuantizedOutput#requantize} says the rest. ONNX:
 * QLinearMatMul-21.
 */
public record QLinearMatMul() implements Operator {
  private static final int A = 0;
  private static final int A_SCALE = 1;
  private static final int A_ZERO_POINT = 2;
  private static final int B = 3;
  private static final int B_SCALE = 4;
  private static final int B_ZERO_POINT = 5;
  private static final int Y_SCALE = 6;
  private static final int Y_ZERO_POINT = 7;

  static final OpSpec SPEC =
      OpSpec.onnx("QLinearMatMul", 21)
          .compatibleSince(10)
          .inputs(8)
          .tolerance(0, 0)
          .decoder(context -> new QLinearMatMul())
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public void export(ExportContext context) {
    boolean narrowScale =
        context.constant(A_SCALE).map(scale -> scale.dtype() != DType.FLOAT32).orElse(false);
    context.attributes(attributes());
    context.requireOpset(narrowScale ? 21 : 10);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(
        MatrixProduct.infer(
            context.input(A), context.input(B), context.input(Y_ZERO_POINT).dtype()));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor a = context.input(A);
    Tensor b = context.input(B);
    MatrixProduct product = new MatrixProduct(a.shape(), b.shape());
    double[] sums =
        product.multiply(
            Quantized.centered(a, context.input(A_ZERO_POINT), -2),
            Quantized.centered(b, context.input(B_ZERO_POINT), -1));
    Shape shape = product.outputShape();
    int rows = b.shape().rank() == 1 ? -1 : -2;
    Quantized.Parameter aScale = parameter(context, A_SCALE, shape, rows);
    Quantized.Parameter bScale = parameter(context, B_SCALE, shape, -1);
    Quantized.Parameter yScale = parameter(context, Y_SCALE, shape, rows);
    Quantized.Parameter zeroPoint = parameter(context, Y_ZERO_POINT, shape, rows);
    DType dtype = context.input(Y_ZERO_POINT).dtype();
    Tensor y = context.output(0, dtype, shape);
    for (int i = 0; i < sums.length; i++) {
      float multiplier =
          Quantized.multiplier((float) aScale.at(i), (float) bScale.at(i), (float) yScale.at(i));
      QuantizedOutput output = QuantizedOutput.of(dtype, (int) zeroPoint.at(i));
      y.setLong(i, output.requantize((int) (long) sums[i], multiplier));
    }
  }

  private static Quantized.Parameter parameter(
      EvalContext context, int index, Shape shape, int axis) {
    return new Quantized.Parameter("scale or zero point", context.input(index), shape, axis);
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    return MatrixProduct.cost(inputs, outputs, MatrixProduct.lastDim(inputs.get(A)));
  }
}
