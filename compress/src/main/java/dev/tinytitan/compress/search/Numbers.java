package dev.tinytitan.compress.search;

import java.math.BigDecimal;
import java.math.MathContext;

/** Numbers in sentences. */
final class Numbers {
  private static final MathContext THREE_DIGITS = new MathContext(3);

  private Numbers() {}

  /** A share as per cent without needless digits: 0.5 is {@code 50}. */
  static String percent(double share) {
    return plain(100 * share);
  }

  /** Three significant digits, no exponent, no trailing zeros. */
  static String plain(double value) {
    return new BigDecimal(value).round(THREE_DIGITS).stripTrailingZeros().toPlainString();
  }

  /** {@code 1 epoch}, {@code 2 epochs}. */
  static String count(int count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }
}
