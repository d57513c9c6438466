package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.OpSpec;

/**
 * Exponential linear unit: {@code x}, and {@code alpha * (exp(x) - 1)} below zero. ONNX: Elu-22.
 *
 * @param alpha the bound below zero
 */
public record Elu(float alpha) implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Elu", 22)
          .compatibleSince(6)
          .decoder(context -> new Elu(context.attributes().getFloat("alpha", 1f)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(1f, "alpha", alpha).build();
  }

  @Override
  public double apply(double x) {
    return x < 0 ? alpha * Math.expm1(x) : x;
  }

  @Override
  public double derivative(double x) {
    return x < 0 ? alpha * Math.exp(x) : 1;
  }
}
