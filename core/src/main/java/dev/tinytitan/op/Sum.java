package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;

/** Element-wise sum of any number of inputs, with broadcasting. ONNX: Sum-13. */
public record Sum() implements VariadicOperator {
  static final OpSpec SPEC =
      OpSpec.onnx("Sum", 13)
          // Opset 6 did not broadcast; inputs of one shape mean the same there.
          .compatibleSince(6)
          .inputs(1, Integer.MAX_VALUE)
          .decoder(context -> new Sum())
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
  public void gradient(GradientContext context) {
    for (int i = 0; i < context.node().inputs().size(); i++) {
      context.give(i, context.gradient(0));
    }
  }
}
