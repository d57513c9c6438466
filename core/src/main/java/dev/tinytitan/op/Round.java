package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** The nearest whole number, halves to even. ONNX: Round-22. */
public record Round() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Round", 22).compatibleSince(11).decoder(context -> new Round()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return Math.rint(x);
  }

  @Override
  public double derivative(double x) {
    return 0;
  }
}
