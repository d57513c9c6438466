package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/** Element-wise product with broadcasting; integers wrap. ONNX: Mul-14. */
public record Mul() implements BinaryOperator {
  static final OpSpec SPEC =
      OpSpec.onnx("Mul", 14).compatibleSince(7).inputs(2).decoder(context -> new Mul()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public float apply(float a, float b) {
    return a * b;
  }

  @Override
  public double apply(double a, double b) {
    return a * b;
  }

  @Override
  public long apply(long a, long b, DType dtype) {
    return a * b;
  }

  @Override
  public void gradient(GradientContext context) {
    for (int i = 0; i < 2; i++) {
      if (context.wants(i)) {
        context.give(i, Gradients.product(context, context.gradient(0), context.input(1 - i)));
      }
    }
  }
}
