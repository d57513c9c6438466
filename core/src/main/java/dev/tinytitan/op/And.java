package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/** Logical conjunction, with broadcasting. ONNX: And-7. */
public record And() implements IntegerPairFunction {
  static final OpSpec SPEC = OpSpec.onnx("And", 7).inputs(2).decoder(context -> new And()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public long apply(long a, long b, DType dtype) {
    return a & b;
  }
}
