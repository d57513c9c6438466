package dev.tinytitan.train.gradient;

import dev.tinytitan.ir.Operator;
import java.util.Map;
import java.util.Optional;

/** The gradients that need operators of this module, by the class of the operator. */
final class TrainingRules {
  private static final Map<Class<? extends Operator>, GradientRule> RULES = Map.of();

  private TrainingRules() {}

  /** The rule for an operator; empty if the operator says itself how it is differentiated. */
  static Optional<GradientRule> of(Operator operator) {
    return Optional.ofNullable(RULES.get(operator.getClass()));
  }
}
