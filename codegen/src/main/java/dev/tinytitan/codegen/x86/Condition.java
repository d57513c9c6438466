package dev.tinytitan.codegen.x86;

import java.util.Locale;

/** What a conditional jump looks at; the ordinal is the number in encodings (SDM Vol. 1, B.1). */
public enum Condition {
  /** Overflow. */
  O,
  /** No overflow. */
  NO,
  /** Below, unsigned. */
  B,
  /** Above or equal, unsigned. */
  AE,
  /** Equal, or zero. */
  E,
  /** Not equal, or not zero. */
  NE,
  /** Below or equal, unsigned. */
  BE,
  /** Above, unsigned. */
  A,
  /** Negative. */
  S,
  /** Not negative. */
  NS,
  /** Parity even. */
  P,
  /** Parity odd. */
  NP,
  /** Less, signed. */
  L,
  /** Greater or equal, signed. */
  GE,
  /** Less or equal, signed. */
  LE,
  /** Greater, signed. */
  G;

  /** The end of the mnemonic, as in {@code jne}. */
  String suffix() {
    return name().toLowerCase(Locale.ROOT);
  }
}
