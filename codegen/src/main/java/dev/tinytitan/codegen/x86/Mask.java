package dev.tinytitan.codegen.x86;

import java.util.Locale;

/** An opmask register. {@code K0} can hold values, but as a write mask it means "all elements". */
public enum Mask implements Operand {
  K0,
  K1,
  K2,
  K3,
  K4,
  K5,
  K6,
  K7;

  /** The number in encodings. */
  int number() {
    return ordinal();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
