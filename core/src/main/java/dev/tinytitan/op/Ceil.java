package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** The least whole number that is not below. ONNX: Ceil-13. */
public record Ceil() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Ceil", 13).compatibleSince(6).decoder(context -> new Ceil()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return Math.ceil(x);
  }

  @Override
  public double derivative(double x) {
    return 0;
  }
}
