package dev.tinytitan.codegen;

import java.util.Locale;

/** Extensions of x86-64 that generated code may use, by their names in {@code /proc/cpuinfo}. */
public enum Feature {
  /** 256-bit float vectors. */
  AVX,
  /** 256-bit integer vectors. */
  AVX2,
  /** Fused multiply-add. */
  FMA,
  /** Conversion from and to float16. */
  F16C,
  /** AVX-512 foundation: 512-bit vectors, 32 registers, masks. */
  AVX512F,
  /** AVX-512 on bytes and words. */
  AVX512BW,
  /** AVX-512 on doublewords and quadwords. */
  AVX512DQ,
  /** AVX-512 on 128-bit and 256-bit vectors. */
  AVX512VL,
  /** Permutations of bytes. */
  AVX512_VBMI("avx512vbmi"),
  /** 8-bit dot products, with AVX-512's registers and masks. */
  AVX512_VNNI,
  /** 8-bit dot products on 128-bit and 256-bit vectors, without AVX-512. */
  AVX_VNNI;

  private final String flag;

  Feature() {
    this.flag = name().toLowerCase(Locale.ROOT);
  }

  Feature(String flag) {
    this.flag = flag;
  }

  /** The name that Linux gives it. */
  String flag() {
    return flag;
  }
}
