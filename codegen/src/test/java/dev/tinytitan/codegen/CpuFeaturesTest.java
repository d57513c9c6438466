package dev.tinytitan.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CpuFeaturesTest {

  @Test
  void theProcessorAndTheOperatingSystemSayTheSame() {
    assertThat(Cpuid.read()).isNotEmpty().isEqualTo(CpuFeatures.fromOperatingSystem());
  }

  @Test
  void flagsAreWholeWords() {
    assertThat(CpuFeatures.parse("processor : 0\nflags\t\t: fpu avx2 avx512vbmi fma avx512f"))
        .containsExactlyInAnyOrder(Feature.AVX2, Feature.AVX512_VBMI, Feature.FMA, Feature.AVX512F);
    assertThat(CpuFeatures.parse("Features : asimd asimddp")).isEmpty();
  }
}
