package dev.tinytitan.codegen.arm;

/**
 * A vector register of 128 bits. Under the AAPCS64 a function may change V0 to V7 and V16 to V31;
 * of the others it must keep the lower halves.
 *
 * @param number 0 to 31
 */
public record V(int number) {

  public V {
    if (number < 0 || number > 31) {
      throw new IllegalArgumentException("There is no vector register " + number);
    }
  }

  /** The i-th of the 24 registers that a function may change. */
  public static V free(int i) {
    return new V(i < 8 ? i : i + 8);
  }

  @Override
  public String toString() {
    return "v" + number;
  }
}
