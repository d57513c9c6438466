package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;

/** A function of each element that has a derivative almost everywhere. */
public interface DifferentiableFunction extends UnaryOperator {

  /** The derivative at {@code x}; at a kink, that of one side. */
  double derivative(double x);

  /**
   * Whether the derivative at the result is that at the argument, as for Relu: then the argument
   * need not be kept.
   */
  default boolean isKnownFromResult() {
    return false;
  }

  @Override
  default void gradient(GradientContext context) {
    String at = isKnownFromResult() ? context.output(0) : context.input(0);
    context.give(0, context.add(new UnaryGradient(this), context.gradient(0), at));
  }
}
