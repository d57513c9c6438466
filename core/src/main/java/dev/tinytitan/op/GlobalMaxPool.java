package dev.tinytitan.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import java.util.List;

/**
 * The maximum over all spatial axes: {@code [N, C, spatial…]} to {@code [N, C, 1…]}; NaN wins.
 * ONNX: GlobalMaxPool-22.
 */
public record GlobalMaxPool() implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("GlobalMaxPool", 22)
          .compatibleSince(1)
          .decoder(context -> new GlobalMaxPool())
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return Pooling.inferGlobal(context.input(0));
  }

  @Override
  public void eval(EvalContext context) {
    Pooling.poolGlobally(
        context,
        (x, from, to) -> {
          double max = Double.NEGATIVE_INFINITY;
          for (int i = from; i < to; i++) {
            max = Math.max(max, x[i]);
          }
          return max;
        });
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveToExtremes(context, context.gradient(0), context.output(0));
  }
}
