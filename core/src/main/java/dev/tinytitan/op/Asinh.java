package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Inverse hyperbolic sine. ONNX: Asinh-22. */
public record Asinh() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Asinh", 22).compatibleSince(9).decoder(context -> new Asinh()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    double magnitude = Math.abs(x);
    double square = magnitude * magnitude;
    double result =
        magnitude > 1e100
            ? Math.log(magnitude) + Math.log(2)
            // log1p keeps the digits of small arguments.
            : Math.log1p(magnitude + square / (1 + Math.sqrt(1 + square)));
    return Math.copySign(result, x);
  }

  @Override
  public double derivative(double x) {
    return 1 / Math.sqrt(x * x + 1);
  }
}
