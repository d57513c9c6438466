package dev.tinytitan.codegen;

import static dev.tinytitan.codegen.Feature.AVX;
import static dev.tinytitan.codegen.Feature.AVX512BW;
import static dev.tinytitan.codegen.Feature.AVX512DQ;
import static dev.tinytitan.codegen.Feature.AVX512F;
import static dev.tinytitan.codegen.Feature.AVX512VL;
import static dev.tinytitan.codegen.Feature.F16C;
import static dev.tinytitan.codegen.Feature.FMA;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The instruction sets that kernels are generated for, the best first. */
public enum Isa {
  /** 512-bit vectors with 8-bit dot products: Cascade Lake, Ice Lake, Zen 4 and later. */
  AVX512_VNNI(
      512,
      AVX,
      Feature.AVX2,
      FMA,
      F16C,
      AVX512F,
      AVX512BW,
      AVX512DQ,
      AVX512VL,
      Feature.AVX512_VNNI),
  /** 512-bit vectors: Skylake-SP. */
  AVX512(512, AVX, Feature.AVX2, FMA, F16C, AVX512F, AVX512BW, AVX512DQ, AVX512VL),
  /** 256-bit vectors with 8-bit dot products: Alder Lake, Zen 5 clients and later. */
  AVX_VNNI(256, AVX, Feature.AVX2, FMA, F16C, Feature.AVX_VNNI),
  /** 256-bit vectors: Haswell, Zen and later. */
  AVX2(256, AVX, Feature.AVX2, FMA, F16C);

  private final int vectorBits;

  @SuppressWarnings("ImmutableEnumChecker") // The set is.
  private final Set<Feature> needs;

  Isa(int vectorBits, Feature... needs) {
    this.vectorBits = vectorBits;
    this.needs = Collections.unmodifiableSet(EnumSet.copyOf(Arrays.asList(needs)));
  }

  /** The width of its vectors: 256 or 512. */
  public int vectorBits() {
    return vectorBits;
  }

  /** The number of vector registers: 16 or 32. */
  public int vectorRegisters() {
    return vectorBits == 512 ? 32 : 16;
  }

  /** What a processor must have for it. */
  public Set<Feature> needs() {
    return needs;
  }

  /** Whether it has an 8-bit dot product, {@code vpdpbusd}. */
  public boolean hasDotProduct() {
    return this == AVX512_VNNI || this == AVX_VNNI;
  }

  /** The value of {@code -Dtinytitan.isa} that asks for it, such as {@code avx512_vnni}. */
  public String property() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** All names that {@code -Dtinytitan.isa} takes. */
  static String properties() {
    return Arrays.stream(values()).map(Isa::property).collect(Collectors.joining(", "));
  }
}
