package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/** Negation; integers wrap. ONNX: Neg-13. */
public record Neg() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Neg", 13).compatibleSince(6).decoder(context -> new Neg()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return -x;
  }

  @Override
  public long apply(long x, DType dtype) {
    return -x;
  }

  @Override
  public double derivative(double x) {
    return -1;
  }
}
