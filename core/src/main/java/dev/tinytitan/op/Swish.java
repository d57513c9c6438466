package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.OpSpec;

/**
 * {@code x * sigmoid(alpha * x)} (Ramachandran et al. 2017). ONNX: Swish-24.
 *
 * @param alpha the steepness
 */
public record Swish(float alpha) implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Swish", 24)
          .decoder(context -> new Swish(context.attributes().getFloat("alpha", 1f)))
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
    return x / (1 + Math.exp(-alpha * x));
  }

  @Override
  public double derivative(double x) {
    double sigmoid = 1 / (1 + Math.exp(-alpha * x));
    return sigmoid + alpha * x * sigmoid * (1 - sigmoid);
  }
}
