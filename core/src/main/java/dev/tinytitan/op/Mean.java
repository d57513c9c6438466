package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;

/** Element-wise mean of any number of inputs, with broadcasting. ONNX: Mean-13. */
public record Mean() implements VariadicOperator {
  static final OpSpec SPEC =
      OpSpec.onnx("Mean", 13)
          // Opset 6 did not broadcast; inputs of one shape mean the same there.
          .compatibleSince(6)
          .inputs(1, Integer.MAX_VALUE)
          .decoder(context -> new Mean())
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double fold(double a, double b) {
    return a + b;
  }

  @Override
  public double finish(double folded, int count) {
    return folded / count;
  }

  @Override
  public void gradient(GradientContext context) {
    int count = context.node().inputs().size();
    for (int i = 0; i < count; i++) {
      if (context.wants(i)) {
        context.give(i, Gradients.scaled(context, context.gradient(0), 1.0 / count));
      }
    }
  }
}
