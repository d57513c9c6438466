package dev.tinytitan.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import java.util.List;

/**
 * The mean over all spatial axes: {@code [N, C, spatial…]} to {@code [N, C, 1…]}. ONNX:
 * GlobalAveragePool-22.
 */
public record GlobalAveragePool() implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("GlobalAveragePool", 22)
          .compatibleSince(1)
          .decoder(new FrequentDecoder("GlobalAveragePool"))
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
          double sum = 0;
          for (int i = from; i < to; i++) {
            sum += x[i];
          }
          return sum / (to - from);
        });
  }

  @Override
  public void gradient(GradientContext context) {
    Shape shape = context.shape(context.input(0));
    double share = 1.0 / shape.sizeBetween(2, shape.rank());
    String gradient = Gradients.scaled(context, context.gradient(0), share);
    context.give(0, Gradients.expanded(context, gradient, shape));
  }
}
