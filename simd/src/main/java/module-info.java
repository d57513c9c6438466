/**
 * Kernels on the Vector API, found as a service. On the class path it runs without the incubator
 * module too, and then reports itself absent with the remedy.
 */
module dev.tinytitan.simd {
  requires dev.tinytitan;
  requires jdk.incubator.vector;
  requires static org.jspecify;

  provides dev.tinytitan.kernel.Engine with
      dev.tinytitan.simd.SimdEngine;
}
