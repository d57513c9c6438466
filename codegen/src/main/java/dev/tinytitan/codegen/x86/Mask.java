package dev.tinytitan.codegen.x86;

import java.util.Locale;

/** An opmask register. {@code K0} can hold values, but as a write mask it means "all elements". */
public enum Mask implements Operand {
  K0(0),
  K1(1),
  K2(2),
  K3(3),
  K4(4),
  K5(5),
  K6(6),
  K7(7);

  private final int number;

  Mask(int number) {
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
