package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/**
 * Whether elements of the first input are less or equal, with broadcasting. ONNX: LessOrEqual-16.
 */
public record LessOrEqual() implements Comparison {
  static final OpSpec SPEC =
      OpSpec.onnx("LessOrEqual", 16)
          .compatibleSince(12)
          .inputs(2)
          .decoder(context -> new LessOrEqual())
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public boolean holds(double a, double b) {
    return a <= b;
  }
}
