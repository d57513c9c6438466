package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/**
 * {@code x}, and {@code slope * x} below zero; the slope is broadcast to the input. ONNX: PRelu-16.
 */
public record PRelu() implements BinaryOperator {
  static final OpSpec SPEC =
      OpSpec.onnx("PRelu", 16).compatibleSince(7).inputs(2).decoder(context -> new PRelu()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public float apply(float a, float b) {
    return a < 0 ? a * b : a;
  }

  @Override
  public double apply(double a, double b) {
    return a < 0 ? a * b : a;
  }

  @Override
  public long apply(long a, long b, DType dtype) {
    return !dtype.isUnsigned() && a < 0 ? a * b : a;
  }

  @Override
  public void gradient(GradientContext context) {
    String x = context.input(0);
    String zero = context.scalar(0, x);
    if (context.wants(0)) {
      String negative = context.add(new Less(), x, zero);
      String slope = context.add(new Where(), negative, context.input(1), context.scalar(1, x));
      context.give(0, Gradients.product(context, context.gradient(0), slope));
    }
    if (context.wants(1)) {
      String below = context.add(new Min(), x, zero);
      context.give(1, Gradients.product(context, context.gradient(0), below));
    }
  }
}
