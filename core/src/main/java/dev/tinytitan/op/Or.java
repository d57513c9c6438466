package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/** Logical disjunction, with broadcasting. ONNX: Or-7. */
public record Or() implements IntegerPairFunction {
  static final OpSpec SPEC = OpSpec.onnx("Or", 7).inputs(2).decoder(context -> new Or()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public long apply(long a, long b, DType dtype) {
    return a | b;
  }
}
