package dev.tinytitan.op;

/**
 * A unary operator given by one function of real numbers, computed in float64 and rounded once to
 * the element type.
 */
interface RealFunction extends UnaryOperator {
  @Override
  default float apply(float x) {
    return (float) apply((double) x);
  }
}
