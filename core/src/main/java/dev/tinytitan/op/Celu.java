package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.OpSpec;

/**
 * Continuously differentiable exponential linear unit: {@code max(0, x) + min(0, alpha * (exp(x /
 * alpha) - 1))}. ONNX: Celu-12.
 *
 * @param alpha the bound below zero
 */
public record Celu(float alpha) implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Celu", 12)
          .decoder(context -> new Celu(context.attributes().getFloat("alpha", 1f)))
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
    return Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha));
  }

  @Override
  public double derivative(double x) {
    return x > 0 ? 1 : Math.exp(x / alpha);
  }
}
