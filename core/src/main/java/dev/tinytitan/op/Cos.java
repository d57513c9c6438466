package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Cosine of an angle in radians. ONNX: Cos-22. */
public record Cos() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Cos", 22).compatibleSince(7).decoder(context -> new Cos()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return Math.cos(x);
  }

  @Override
  public double derivative(double x) {
    return -Math.sin(x);
  }
}
