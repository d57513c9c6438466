package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Hyperbolic tangent. ONNX: Tanh-13. */
public record Tanh() implements RealFunction {
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
}
