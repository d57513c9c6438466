package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/** Exclusive disjunction, with broadcasting. ONNX: Xor-7. */
public record Xor() implements IntegerPairFunction {
  static final OpSpec SPEC = OpSpec.onnx("Xor", 7).inputs(2).decoder(context -> new Xor()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public long apply(long a, long b, DType dtype) {
    return a ^ b;
  }
}
