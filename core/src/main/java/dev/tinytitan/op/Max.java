package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;

/** Element-wise maximum of any number of inputs, with broadcasting; NaN wins. ONNX: Max-13. */
public record Max() implements VariadicOperator {
  static final OpSpec SPEC =
      OpSpec.onnx("Max", 13)
          // Opset 6 did not broadcast; inputs of one shape mean the same there.
          .compatibleSince(6)
          .inputs(1, Integer.MAX_VALUE)
          .decoder(context -> new Max())
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double fold(double a, double b) {
    return Math.max(a, b);
  }

  @Override
  public long fold(long a, long b, boolean unsigned) {
    return (unsigned ? Long.compareUnsigned(a, b) : Long.compare(a, b)) >= 0 ? a : b;
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveToWinners(context);
  }
}
