package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.OpSpec;

/**
 * {@code x} above a threshold, else 0. ONNX: ThresholdedRelu-22.
 *
 * @param alpha the threshold
 */
public record ThresholdedRelu(float alpha) implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("ThresholdedRelu", 22)
          .compatibleSince(10)
          .decoder(context -> new ThresholdedRelu(context.attributes().getFloat("alpha", 1f)))
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
    return x > alpha ? x : 0;
  }

  @Override
  public double derivative(double x) {
    return x > alpha ? 1 : 0;
  }
}
