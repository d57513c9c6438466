/** Kernels in machine code, written at load time by an assembler of its own, called through FFM. */
module dev.tinytitan.codegen {
  requires dev.tinytitan;
  requires static org.jspecify;

  provides dev.tinytitan.kernel.Engine with
      dev.tinytitan.codegen.CodegenEngine;
  provides dev.tinytitan.kernel.PeakProbe with
      dev.tinytitan.codegen.probe.GeneratedPeakProbe;
}
