package dev.tinytitan.edge.adapt;

import java.util.OptionalDouble;

/**
 * What is wanted of a model that adapts. Immutable; each {@code with…} method gives a changed copy.
 *
 * @param deadlineSeconds in which an answer must be there
 * @param share of answers that must be in time, above 0 and below 1, such as 0.99
 * @param joules that an answer may take; empty for as many as it likes
 * @param lowBattery share of the battery below which energy is saved: the budget falls with it
 * @param hot degrees Celsius above which heat is avoided: the budget is halved
 * @param tightMemory memory pressure in per cent from which only points of small weights run
 */
public record Goal(
    double deadlineSeconds,
    double share,
    OptionalDouble joules,
    double lowBattery,
    double hot,
    double tightMemory) {

  public Goal {
    if (!(deadlineSeconds > 0) || !(share > 0 && share < 1)) {
      throw new IllegalArgumentException(
          "a deadline of " + deadlineSeconds + " s for a share of " + share);
    }
    if (joules.isPresent() && !(joules.getAsDouble() > 0)) {
      throw new IllegalArgumentException("a budget of " + joules.getAsDouble() + " J");
    }
  }

  /** A deadline for a share of answers; energy is saved below 20 % battery and above 85 °C. */
  public static Goal of(double deadlineSeconds, double share) {
    return new Goal(deadlineSeconds, share, OptionalDouble.empty(), 0.2, 85, 20);
  }

  /** The same with a budget of energy for an answer. */
  public Goal withJoules(double value) {
    return new Goal(deadlineSeconds, share, OptionalDouble.of(value), lowBattery, hot, tightMemory);
  }
}
