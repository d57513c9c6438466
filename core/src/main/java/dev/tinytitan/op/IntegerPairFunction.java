package dev.tinytitan.op;

/** A binary operator on integers or bools only. */
interface IntegerPairFunction extends BinaryOperator {
  @Override
  default float apply(float a, float b) {
    throw new IllegalArgumentException("not defined on floating-point numbers");
  }

  @Override
  default double apply(double a, double b) {
    throw new IllegalArgumentException("not defined on floating-point numbers");
  }
}
