package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** The greatest whole number that is not above. ONNX: Floor-13. */
public record Floor() implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Floor", 13).compatibleSince(6).decoder(context -> new Floor()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double apply(double x) {
    return Math.floor(x);
  }

  @Override
  public double derivative(double x) {
    return 0;
  }
}
