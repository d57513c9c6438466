package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/** Absolute value; the least signed integer stays itself. ONNX: Abs-13. */
public record Abs() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Abs", 13).compatibleSince(6).decoder(context -> new Abs()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return Math.abs(x);
  }

  @Override
  public long apply(long x, DType dtype) {
    return dtype.isUnsigned() ? x : Math.abs(x);
  }

  @Override
  public double derivative(double x) {
    return Math.signum(x);
  }
}
