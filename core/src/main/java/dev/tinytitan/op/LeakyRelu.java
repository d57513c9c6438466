package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.OpSpec;

/**
 * {@code x}, and {@code alpha * x} below zero. ONNX: LeakyRelu-16.
 *
 * @param alpha the slope below zero
 */
public record LeakyRelu(float alpha) implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("LeakyRelu", 16)
          .compatibleSince(6)
          .decoder(context -> new LeakyRelu(context.attributes().getFloat("alpha", 0.01f)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(0.01f, "alpha", alpha).build();
  }

  @Override
  public double apply(double x) {
    return x < 0 ? alpha * x : x;
  }

  @Override
  public double derivative(double x) {
    return x < 0 ? alpha : 1;
  }
}
