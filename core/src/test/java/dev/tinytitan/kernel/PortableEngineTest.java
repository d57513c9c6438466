package dev.tinytitan.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PortableEngineTest extends EngineTester {
  @Override
  protected Engine engine() {
    return new PortableEngine();
  }

  @Test
  @Override
  @SuppressWarnings("JUnitMethodInvoked") // the same test, and which kernels it used
  void convolutionsOfAnyShape() {
    super.convolutionsOfAnyShape();
    assertThat(check.used()).contains("conv-planar", "fusedconv-planar");
  }
}
