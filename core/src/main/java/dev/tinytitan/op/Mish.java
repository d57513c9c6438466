package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** {@code x * tanh(softplus(x))} (Misra 2019). ONNX: Mish-22. */
public record Mish() implements RealFunction, DifferentiableFunction {
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

  @Override
  public double derivative(double x) {
    double tanh = Math.tanh(Softplus.softplus(x));
    return tanh + x / (1 + Math.exp(-x)) * (1 - tanh * tanh);
  }
}
