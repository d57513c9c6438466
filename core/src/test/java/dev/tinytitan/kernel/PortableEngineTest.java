package dev.tinytitan.kernel;

/** The portable engine agrees with the operators' references. */
class PortableEngineTest extends EngineTester {
  @Override
  protected Engine engine() {
    return new PortableEngine();
  }
}
