package dev.tinytitan.op;

/** A unary operator on integers or bools only. */
interface IntegerFunction extends UnaryOperator {
  @Override
  default float apply(float x) {
    throw new IllegalArgumentException("not defined on floating-point numbers");
  }

  @Override
  default double apply(double x) {
    throw new IllegalArgumentException("not defined on floating-point numbers");
  }
}
