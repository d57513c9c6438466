package dev.tinytitan.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import java.util.List;

/** Its input, unchanged. ONNX: Identity-25. */
public record Identity() implements ViewOperator {
  static final OpSpec SPEC =
      OpSpec.onnx("Identity", 25).compatibleSince(1).decoder(context -> new Identity()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return Shapes.sameAsInput(context);
  }

  @Override
  public Shape outputShape(EvalContext context) {
    return context.input(0).shape();
  }

  @Override
  public void gradient(GradientContext context) {
    context.give(0, context.gradient(0));
  }
}
