package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Whether elements of the first input are less, with broadcasting. ONNX: Less-13. */
public record Less() implements Comparison {
  static final OpSpec SPEC =
      OpSpec.onnx("Less", 13).compatibleSince(7).inputs(2).decoder(context -> new Less()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public boolean holds(double a, double b) {
    return a < b;
  }
}
