package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.OpSpec;

/**
 * Scaled exponential linear unit: {@code gamma * x}, and {@code gamma * alpha * (exp(x) - 1)} below
 * zero (Klambauer et al. 2017). ONNX: Selu-22.
 *
 * @param alpha the bound below zero
 * @param gamma the scale
 */
public record Selu(float alpha, float gamma) implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Selu", 22)
          .compatibleSince(6)
          .decoder(context ->
              new Selu(
                  context.attributes().getFloat("alpha", 1.6732632f),
                  context.attributes().getFloat("gamma", 1.050701f)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(1.6732632f, "alpha", alpha)
        .putUnless(1.050701f, "gamma", gamma)
        .build();
  }

  @Override
  public double apply(double x) {
    return gamma * (x <= 0 ? alpha * Math.expm1(x) : x);
  }

  @Override
  public double derivative(double x) {
    return gamma * (x <= 0 ? alpha * Math.exp(x) : 1);
  }
}
