package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Whether elements are not a number. ONNX: IsNaN-20. */
public record IsNaN() implements Predicate {
  static final OpSpec SPEC =
      OpSpec.onnx("IsNaN", 20).compatibleSince(9).decoder(context -> new IsNaN()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public boolean holds(double x) {
    return Double.isNaN(x);
  }
}
