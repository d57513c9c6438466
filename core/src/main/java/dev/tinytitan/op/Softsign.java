package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** {@code x / (1 + |x|)}. ONNX: Softsign-22. */
public record Softsign() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Softsign", 22).compatibleSince(1).decoder(context -> new Softsign()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return x / (1 + Math.abs(x));
  }

  @Override
  public double derivative(double x) {
    return 1 / ((1 + Math.abs(x)) * (1 + Math.abs(x)));
  }
}
