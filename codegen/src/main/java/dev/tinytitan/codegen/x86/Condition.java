package dev.tinytitan.codegen.x86;

import java.util.Locale;

/** What a conditional jump looks at (SDM Vol. 1, B.1). */
public enum Condition {
  /** Overflow. */
  O(0),
  /** No overflow. */
  NO(1),
  /** Below, unsigned. */
  B(2),
  /** Above or equal, unsigned. */
  AE(3),
  /** Equal, or zero. */
  E(4),
  /** Not equal, or not zero. */
  NE(5),
  /** Below or equal, unsigned. */
  BE(6),
  /** Above, unsigned. */
  A(7),
  /** Negative. */
  S(8),
  /** Not negative. */
  NS(9),
  /** Parity even. */
  P(10),
  /** Parity odd. */
  NP(11),
  /** Less, signed. */
  L(12),
  /** Greater or equal, signed. */
  GE(13),
  /** Less or equal, signed. */
  LE(14),
  /** Greater, signed. */
  G(15);

  private final int number;

  Condition(int number) {
    this.number = number;
  }

  /** The number in encodings. */
  int number() {
    return number;
  }

  /** The end of the mnemonic, as in {@code jne}. */
  String suffix() {
    return name().toLowerCase(Locale.ROOT);
  }
}
