package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/** Logical negation. ONNX: Not-1. */
public record Not() implements IntegerFunction {
  static final OpSpec SPEC = OpSpec.onnx("Not", 1).decoder(context -> new Not()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public long apply(long x, DType dtype) {
    return x ^ 1;
  }
}
