package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Tangent of an angle in radians. ONNX: Tan-22. */
public record Tan() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Tan", 22).compatibleSince(7).decoder(context -> new Tan()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return Math.tan(x);
  }

  @Override
  public double derivative(double x) {
    return 1 + Math.tan(x) * Math.tan(x);
  }
}
