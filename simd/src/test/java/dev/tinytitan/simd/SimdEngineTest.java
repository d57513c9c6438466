package dev.tinytitan.simd;

import dev.tinytitan.kernel.Engine;
import dev.tinytitan.kernel.EngineTester;

/** The simd engine agrees with the operators' references; the build repeats it for each width. */
class SimdEngineTest extends EngineTester {
  @Override
  protected Engine engine() {
    return new SimdEngine();
  }
}
