package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/** Bits set in one of the two, with broadcasting. ONNX: BitwiseXor-18. */
public record BitwiseXor() implements IntegerPairFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("BitwiseXor", 18).inputs(2).decoder(context -> new BitwiseXor()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public long apply(long a, long b, DType dtype) {
    return a ^ b;
  }
}
