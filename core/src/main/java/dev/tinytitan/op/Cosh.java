package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Hyperbolic cosine. ONNX: Cosh-22. */
public record Cosh() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Cosh", 22).compatibleSince(9).decoder(context -> new Cosh()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return Math.cosh(x);
  }

  @Override
  public double derivative(double x) {
    return Math.sinh(x);
  }
}
