package dev.tinytitan.simd;

import dev.tinytitan.kernel.Engine;
import dev.tinytitan.kernel.IntegerKernelTester;

/** The simd engine's integer kernels equal the operators' references. */
class SimdIntegerKernelTest extends IntegerKernelTester {
  @Override
  protected Engine engine() {
    return new SimdEngine();
  }
}
