package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/** Every bit inverted. ONNX: BitwiseNot-18. */
public record BitwiseNot() implements IntegerFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("BitwiseNot", 18).decoder(context -> new BitwiseNot()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public long apply(long x, DType dtype) {
    return ~x;
  }
}
