package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** {@code x * max(0, min(1, x / 6 + 0.5))}. ONNX: HardSwish-22. */
public record HardSwish() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("HardSwish", 22).compatibleSince(14).decoder(context -> new HardSwish()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return x * Math.max(0, Math.min(1, x / 6 + 0.5));
  }

  @Override
  public double derivative(double x) {
    return x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5;
  }
}
