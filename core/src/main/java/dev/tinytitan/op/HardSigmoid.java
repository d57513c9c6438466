package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.OpSpec;

/**
 * {@code max(0, min(1, alpha * x + beta))}. ONNX: HardSigmoid-22.
 *
 * @param alpha the slope
 * @param beta the value at zero
 */
public record HardSigmoid(float alpha, float beta) implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("HardSigmoid", 22)
          .compatibleSince(6)
          .decoder(context ->
              new HardSigmoid(
                  context.attributes().getFloat("alpha", 0.2f),
                  context.attributes().getFloat("beta", 0.5f)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(0.2f, "alpha", alpha)
        .putUnless(0.5f, "beta", beta)
        .build();
  }

  @Override
  public double apply(double x) {
    return Math.max(0, Math.min(1, alpha * x + beta));
  }

  @Override
  public double derivative(double x) {
    return alpha * x + beta > 0 && alpha * x + beta < 1 ? alpha : 0;
  }
}
