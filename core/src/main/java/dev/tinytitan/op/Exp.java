package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Exponential, to base e. ONNX: Exp-13. */
public record Exp() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Exp", 13).compatibleSince(6).decoder(context -> new Exp()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return Math.exp(x);
  }

  @Override
  public double derivative(double x) {
    return Math.exp(x);
  }
}
