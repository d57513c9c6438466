package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Whether elements are equal, with broadcasting. ONNX: Equal-19. */
public record Equal() implements Comparison {
  static final OpSpec SPEC =
      OpSpec.onnx("Equal", 19).compatibleSince(7).inputs(2).decoder(context -> new Equal()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public boolean holds(double a, double b) {
    return a == b;
  }
}
