package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Sine of an angle in radians. ONNX: Sin-22. */
public record Sin() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Sin", 22).compatibleSince(7).decoder(context -> new Sin()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return Math.sin(x);
  }

  @Override
  public double derivative(double x) {
    return Math.cos(x);
  }
}
