package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/** Element-wise sum with broadcasting; integers wrap. ONNX: Add-14. */
public record Add() implements BinaryOperator {
  static final OpSpec SPEC =
      OpSpec.onnx("Add", 14)
          .compatibleSince(7)
          .inputs(2)
          .decoder(new FrequentDecoder("Add"))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public float apply(float a, float b) {
    return a + b;
  }

  @Override
  public double apply(double a, double b) {
    return a + b;
  }

  @Override
  public long apply(long a, long b, DType dtype) {
    return a + b;
  }

  @Override
  public void gradient(GradientContext context) {
    context.give(0, context.gradient(0));
    context.give(1, context.gradient(0));
  }
}
