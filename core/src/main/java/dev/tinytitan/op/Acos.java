package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Inverse cosine, in radians; NaN outside -1 to 1. ONNX: Acos-22. */
public record Acos() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Acos", 22)
          .compatibleSince(7)
          .decoder(context -> new Acos())
          .valueDomain(-1, 1)
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return Math.acos(x);
  }

  @Override
  public double derivative(double x) {
    return -1 / Math.sqrt(1 - x * x);
  }
}
