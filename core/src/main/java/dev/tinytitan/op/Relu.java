package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/** Rectified linear unit: {@code max(x, 0)}; NaN stays NaN. ONNX: Relu-14. */
public record Relu() implements DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Relu", 14).compatibleSince(6).decoder(new FrequentDecoder("Relu")).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public float apply(float x) {
    return x < 0 ? 0 : x;
  }

  @Override
  public double apply(double x) {
    return x < 0 ? 0 : x;
  }

  @Override
  public long apply(long x, DType dtype) {
    return Math.max(x, 0);
  }

  @Override
  public double derivative(double x) {
    return x > 0 ? 1 : 0;
  }

  @Override
  public boolean isKnownFromResult() {
    return true;
  }
}
