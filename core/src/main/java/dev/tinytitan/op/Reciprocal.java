package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** One divided by the element. ONNX: Reciprocal-13. */
public record Reciprocal() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Reciprocal", 13).compatibleSince(6).decoder(context -> new Reciprocal()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return 1 / x;
  }

  @Override
  public double derivative(double x) {
    return -1 / (x * x);
  }
}
