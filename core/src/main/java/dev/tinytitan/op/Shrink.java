package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/**
 * {@code x + bias} below {@code -lambda}, {@code x - bias} above {@code lambda}, else 0. ONNX:
 * Shrink-9.
 *
 * @param bias how far values are drawn to zero
 * @param lambda the threshold
 */
public record Shrink(float bias, float lambda) implements RealFunction, DifferentiableFunction {
  static final OpSpec SPEC =
      OpSpec.onnx("Shrink", 9)
          .decoder(context ->
              new Shrink(
                  context.attributes().getFloat("bias", 0f),
                  context.attributes().getFloat("lambd", 0.5f)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(0f, "bias", bias)
        .putUnless(0.5f, "lambd", lambda)
        .build();
  }

  @Override
  public double apply(double x) {
    return x < -lambda ? x + bias : x > lambda ? x - bias : 0;
  }

  @Override
  public long apply(long x, DType dtype) {
    return (long) apply((double) x);
  }

  @Override
  public double derivative(double x) {
    return Math.abs(x) > lambda ? 1 : 0;
  }
}
