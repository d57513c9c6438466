package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/**
 * The gradient of a function of each element: {@code dy * f'(x)}. Inputs: dy, x. Internal.
 *
 * @param function f
 */
public record UnaryGradient(DifferentiableFunction function) implements BinaryOperator {
  static final OpSpec SPEC = OpSpec.internal("UnaryGradient").inputs(2).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public float apply(float gradient, float x) {
    return (float) (gradient * function.derivative(x));
  }

  @Override
  public double apply(double gradient, double x) {
    return gradient * function.derivative(x);
  }
}
