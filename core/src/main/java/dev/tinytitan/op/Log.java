package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Natural logarithm; NaN below zero. ONNX: Log-13. */
public record Log() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Log", 13)
          .compatibleSince(6)
          .decoder(context -> new Log())
          .valueDomain(0.01, 10)
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return Math.log(x);
  }

  @Override
  public double derivative(double x) {
    return 1 / x;
  }
}
