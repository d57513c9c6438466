package dev.tinytitan.kernel;

/** A function of two floats that engines compute with vectors. */
public enum PairFunction {
  /** The sum. */
  ADD,
  /** The difference. */
  SUB,
  /** The product. */
  MUL,
  /** The quotient. */
  DIV,
  /** The lesser; NaN if one is NaN. */
  MIN,
  /** The greater; NaN if one is NaN. */
  MAX;

  /** The function of one pair. */
  float apply(float a, float b) {
    return switch (this) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MIN -> Math.min(a, b);
      case MAX -> Math.max(a, b);
    };
  }
}
