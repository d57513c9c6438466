package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Hyperbolic sine. ONNX: Sinh-22. */
public record Sinh() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Sinh", 22).compatibleSince(9).decoder(context -> new Sinh()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return Math.sinh(x);
  }

  @Override
  public double derivative(double x) {
    return Math.cosh(x);
  }
}
