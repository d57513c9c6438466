package dev.tinytitan.codegen.arm;

import java.util.Locale;

/**
 * A general register of 64 bits. Under the AAPCS64, arguments come in X0 to X7, and a function may
 * change X0 to X17; the others are not used here.
 */
public enum X {
  X0(0),
  X1(1),
  X2(2),
  X3(3),
  X4(4),
  X5(5),
  X6(6),
  X7(7),
  X8(8),
  X9(9),
  X10(10),
  X11(11),
  X12(12),
  X13(13),
  X14(14),
  X15(15),
  X16(16),
  X17(17);

  private final int number;

  X(int number) {
    this.number = number;
  }

  /** The number in encodings. */
  int number() {
    return number;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
