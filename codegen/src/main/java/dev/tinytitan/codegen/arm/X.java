package dev.tinytitan.codegen.arm;

import java.util.Locale;

/**
 * A general register of 64 bits. Under the AAPCS64, arguments come in X0 to X7, and a function may
 * change X0 to X17; the others are not used here.
 */
public enum X {
  X0,
  X1,
  X2,
  X3,
  X4,
  X5,
  X6,
  X7,
  X8,
  X9,
  X10,
  X11,
  X12,
  X13,
  X14,
  X15,
  X16,
  X17;

  /** The number in encodings. */
  int number() {
    return ordinal();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
