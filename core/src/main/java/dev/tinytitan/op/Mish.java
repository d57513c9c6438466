package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** {@code x * tanh(softplus(x))} (Misra 2019). ONNX: Mish-22. */
public record Mish() implements RealFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Mish", 22).compatibleSince(18).decoder(context -> new Mish()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return x * Math.tanh(Softplus.softplus(x));
  }
}
