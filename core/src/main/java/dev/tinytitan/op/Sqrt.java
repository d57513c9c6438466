package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Square root; NaN below zero. ONNX: Sqrt-13. */
public record Sqrt() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Sqrt", 13).compatibleSince(6).decoder(context -> new Sqrt()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return Math.sqrt(x);
  }

  @Override
  public double derivative(double x) {
    return 0.5 / Math.sqrt(x);
  }
}
