package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/** -1, 0 or 1 by sign; NaN stays NaN. ONNX: Sign-13. */
public record Sign() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Sign", 13).compatibleSince(9).decoder(context -> new Sign()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return Math.signum(x);
  }

  @Override
  public long apply(long x, DType dtype) {
    return dtype.isUnsigned() ? (x == 0 ? 0 : 1) : Long.signum(x);
  }

  @Override
  public double derivative(double x) {
    return 0;
  }
}
