package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Inverse tangent, in radians. ONNX: Atan-22. */
public record Atan() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Atan", 22).compatibleSince(7).decoder(context -> new Atan()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return Math.atan(x);
  }

  @Override
  public double derivative(double x) {
    return 1 / (1 + x * x);
  }
}
