package dev.tinytitan.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HostTest {

  @Test
  void codeRunsWhereNoProblemIsReported() {
    assertThat(Host.problem()).isEmpty();
    assertThat(Host.trial()).isEmpty();
    assertThat(Host.target().features()).containsAll(Isa.AVX2.needs());
  }
}
