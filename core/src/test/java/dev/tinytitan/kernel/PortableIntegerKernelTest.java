package dev.tinytitan.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PortableIntegerKernelTest extends IntegerKernelTester {
  @Override
  protected Engine engine() {
    return new PortableEngine();
  }

  @Test
  @Override
  @SuppressWarnings("JUnitMethodInvoked") // the same test, and which kernels it used
  void convolutions() {
    super.convolutions();
    assertThat(check.used()).contains("integerconv-planar");
  }

  @Test
  @Override
  @SuppressWarnings("JUnitMethodInvoked") // the same test, and which kernels it used
  void averagesOfWindows() {
    super.averagesOfWindows();
    assertThat(check.used()).contains("integeraveragepool-plain");
  }
}
