package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Gauss error function. ONNX: Erf-13. */
public record Erf() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Erf", 13).compatibleSince(9).decoder(context -> new Erf()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return erf(x);
  }

  /**
   * {@code 2/sqrt(pi) * exp(-x^2) * sum of 2^n x^(2n+1) / (1*3*...*(2n+1))} (Abramowitz and Stegun
   * 7.1.6): all terms have one sign, so nothing cancels.
   */
  static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  @Override
  public double derivative(double x) {
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x);
  }
}
