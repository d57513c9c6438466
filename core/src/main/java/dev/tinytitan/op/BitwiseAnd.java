package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/** Bits set in both, with broadcasting. ONNX: BitwiseAnd-18. */
public record BitwiseAnd() implements IntegerPairFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("BitwiseAnd", 18).inputs(2).decoder(context -> new BitwiseAnd()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public long apply(long a, long b, DType dtype) {
    return a & b;
  }
}
