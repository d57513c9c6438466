package dev.tinytitan.kernel;

/** The portable engine's integer kernels equal the operators' references. */
class PortableIntegerKernelTest extends IntegerKernelTester {
  @Override
  protected Engine engine() {
    return new PortableEngine();
  }
}
