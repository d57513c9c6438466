package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Inverse hyperbolic tangent; NaN outside -1 to 1. ONNX: Atanh-22. */
public record Atanh() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Atanh", 22)
          .compatibleSince(9)
          .decoder(context -> new Atanh())
          .valueDomain(-0.99, 0.99)
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return (Math.log1p(x) - Math.log1p(-x)) / 2;
  }

  @Override
  public double derivative(double x) {
    return 1 / (1 - x * x);
  }
}
