package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** {@code ln(exp(x) + 1)}, without overflow. ONNX: Softplus-22. */
public record Softplus() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Softplus", 22).compatibleSince(1).decoder(context -> new Softplus()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return softplus(x);
  }

  static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  @Override
  public double derivative(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
