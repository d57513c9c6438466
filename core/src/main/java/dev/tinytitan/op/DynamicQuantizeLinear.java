package dev.tinytitan.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Quantizes float32 to uint8 by the range of its elements, widened to hold 0; gives the elements,
 * the scale and the zero point. Where all elements are 0, the scale, which ONNX leaves open, is 1.
 * ONNX: DynamicQuantizeLinear-11.
 */
public record DynamicQuantizeLinear() implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("DynamicQuantizeLinear", 11)
          .outputs(3, 3)
          .decoder(context -> new DynamicQuantizeLinear())
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(
        context.input(0).withDType(DType.UINT8),
        TensorType.of(DType.FLOAT32),
        TensorType.of(DType.UINT8));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    float least = 0;
    float greatest = 0;
    for (int i = 0; i < x.size(); i++) {
      least = Math.min(least, x.getFloat(i));
      greatest = Math.max(greatest, x.getFloat(i));
    }
    float range = (greatest - least) / 255;
    float scale = range == 0 ? 1 : range;
    float zeroPoint = (float) Math.rint(Math.max(0, Math.min(255, -least / scale)));
    Tensor y = context.output(0, DType.UINT8, x.shape());
    for (int i = 0; i < x.size(); i++) {
      double rounded = Math.rint(x.getFloat(i) / scale) + zeroPoint;
      y.setLong(i, (long) Math.max(0, Math.min(255, rounded)));
    }
    context.output(1, DType.FLOAT32, Shape.scalar()).setFloat(0, scale);
    context.output(2, DType.UINT8, Shape.scalar()).setFloat(0, zeroPoint);
  }
}
