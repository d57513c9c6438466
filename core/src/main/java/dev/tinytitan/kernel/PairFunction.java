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
  MAX
}
