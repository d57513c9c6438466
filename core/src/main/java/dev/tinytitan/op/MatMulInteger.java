package dev.tinytitan.op;

import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Matrix product of 8-bit integers to int32. Inputs: a and b (int8 or uint8) as {@link MatMul}
 * takes them, optionally a's zero point (a scalar, or one per row) and b's (a scalar, or one per
 * column). ONNX: MatMulInteger-10.
 */
public record MatMulInteger() implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("MatMulInteger", 10)
          .inputs(2, 4)
          .tolerance(0, 0)
          .decoder(context -> new MatMulInteger())
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(MatrixProduct.infer(context.input(0), context.input(1), DType.INT32));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor a = context.input(0);
    Tensor b = context.input(1);
    MatrixProduct product = new MatrixProduct(a.shape(), b.shape());
    double[] sums =
        product.multiply(
            Quantized.centered(a, context.hasInput(2) ? context.input(2) : null, -2),
            Quantized.centered(b, context.hasInput(3) ? context.input(3) : null, -1));
    Elements.store(sums, context.output(0, DType.INT32, product.outputShape()));
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    return MatrixProduct.cost(inputs, outputs, MatrixProduct.lastDim(inputs.get(0)));
  }
}
