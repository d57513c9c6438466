package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/** Bits set in either, with broadcasting. ONNX: BitwiseOr-18. */
public record BitwiseOr() implements IntegerPairFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("BitwiseOr", 18).inputs(2).decoder(context -> new BitwiseOr()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public long apply(long a, long b, DType dtype) {
    return a | b;
  }
}
