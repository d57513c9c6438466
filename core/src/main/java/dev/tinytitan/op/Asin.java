package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Inverse sine, in radians; NaN outside -1 to 1. ONNX: Asin-22. */
public record Asin() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Asin", 22)
          .compatibleSince(7)
          .decoder(context -> new Asin())
          .valueDomain(-1, 1)
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return Math.asin(x);
  }

  @Override
  public double derivative(double x) {
    return 1 / Math.sqrt(1 - x * x);
  }
}
