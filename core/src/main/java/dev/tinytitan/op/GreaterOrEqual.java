package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/**
 * Whether elements of the first input are greater or equal, with broadcasting. ONNX:
 * GreaterOrEqual-16.
 */
public record GreaterOrEqual() implements Comparison {
  static final OpSpec SPEC =
      OpSpec.onnx("GreaterOrEqual", 16)
          .compatibleSince(12)
          .inputs(2)
          .decoder(context -> new GreaterOrEqual())
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public boolean holds(double a, double b) {
    return a >= b;
  }
}
