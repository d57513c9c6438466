package dev.tinytitan.codegen.x86;

import org.jspecify.annotations.Nullable;

/**
 * A vector register, perhaps with a write mask, as a destination has it: {@code zmm(3).zeroing(K1)}
 * is {@code zmm3{k1}{z}}.
 *
 * @param number 0 to 31; from 16 on only AVX-512 reaches it
 * @param bits 128, 256 or 512
 * @param mask which elements are written; null for all
 * @param zeroed whether elements that the mask leaves out become 0, rather than stay
 */
public record Vec(int number, int bits, @Nullable Mask mask, boolean zeroed) implements Operand {

  public Vec {
    if (number < 0 || number > 31 || (bits != 128 && bits != 256 && bits != 512)) {
      throw new IllegalArgumentException("There is no vector register " + number + ", " + bits);
    }
    if (mask == Mask.K0 || (zeroed && mask == null)) {
      throw new IllegalArgumentException("A write mask is one of k1 to k7.");
    }
  }

  /** The register of this number and width, without a mask. */
  public static Vec of(int number, int bits) {
    return new Vec(number, bits, null, false);
  }

  /** 128 bits. */
  public static Vec xmm(int number) {
    return of(number, 128);
  }

  /** 256 bits. */
  public static Vec ymm(int number) {
    return of(number, 256);
  }

  /** 512 bits. */
  public static Vec zmm(int number) {
    return of(number, 512);
  }

  /** The same register, of another width, without a mask. */
  public Vec as(int otherBits) {
    return of(number, otherBits);
  }

  /** The lowest 128 bits of it. */
  public Vec xmm() {
    return xmm(number);
  }

  /** The lowest 256 bits of it. */
  public Vec ymm() {
    return ymm(number);
  }

  /** As a destination of which other elements keep their values. */
  public Vec merging(Mask writeMask) {
    return new Vec(number, bits, writeMask, false);
  }

  /** As a destination of which other elements become 0. */
  public Vec zeroing(Mask writeMask) {
    return new Vec(number, bits, writeMask, true);
  }

  /** The register's name, without the mask. */
  String registerName() {
    return (bits == 128 ? "xmm" : bits == 256 ? "ymm" : "zmm") + number;
  }

  @Override
  public String toString() {
    return registerName() + (mask == null ? "" : "{" + mask + "}") + (zeroed ? "{z}" : "");
  }
}
