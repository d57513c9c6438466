package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/**
 * Element-wise quotient with broadcasting. Integers are cut towards zero, and divided by zero give
 * 0, which ONNX leaves open. ONNX: Div-14.
 */
public record Div() implements BinaryOperator {
  static final OpSpec SPEC =
      OpSpec.onnx("Div", 14).compatibleSince(7).inputs(2).decoder(context -> new Div()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public float apply(float a, float b) {
    return a / b;
  }

  @Override
  public double apply(double a, double b) {
    return a / b;
  }

  @Override
  public long apply(long a, long b, DType dtype) {
    if (b == 0) {
      return 0;
    }
    return dtype.isUnsigned() ? Long.divideUnsigned(a, b) : a / b;
  }

  @Override
  public void gradient(GradientContext context) {
    if (context.wants(0)) {
      context.give(0, context.add(new Div(), context.gradient(0), context.input(1)));
    }
    if (context.wants(1)) {
      String product = Gradients.product(context, context.gradient(0), context.output(0));
      String quotient = context.add(new Div(), product, context.input(1));
      context.give(1, context.add(new Neg(), quotient));
    }
  }
}
