package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Inverse hyperbolic cosine; NaN below 1. ONNX: Acosh-22. */
public record Acosh() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Acosh", 22)
          .compatibleSince(9)
          .decoder(context -> new Acosh())
          .valueDomain(1, 10)
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return x > 1e100 ? Math.log(x) + Math.log(2) : Math.log(x + Math.sqrt((x - 1) * (x + 1)));
  }

  @Override
  public double derivative(double x) {
    return 1 / Math.sqrt(x * x - 1);
  }
}
