package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Hyperbolic tangent. ONNX: Tanh-13. */
public record Tanh() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Tanh", 13).compatibleSince(6).decoder(context -> new Tanh()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return Math.tanh(x);
  }

  @Override
  public double derivative(double x) {
    return 1 - Math.tanh(x) * Math.tanh(x);
  }
}
