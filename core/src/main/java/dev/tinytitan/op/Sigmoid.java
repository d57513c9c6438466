package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Logistic function: {@code 1 / (1 + exp(-x))}. ONNX: Sigmoid-13. */
public record Sigmoid() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Sigmoid", 13).compatibleSince(6).decoder(context -> new Sigmoid()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Override
  public double derivative(double x) {
    return apply(x) * apply(-x);
  }
}
