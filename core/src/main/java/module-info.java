/**
 * Loads and runs small neural networks (ONNX) on the JVM, without native libraries or further
 * dependencies. Start at {@code dev.tinytitan.Model}.
 *
 * <p>{@code dev.tinytitan} and {@code .tensor} are the interface for users; the other exported
 * packages are the experimental service interface for engines and compressors.
 */
module dev.tinytitan {
  requires jdk.jfr;
  requires static transitive org.jspecify;

  exports dev.tinytitan;
  exports dev.tinytitan.tensor;
  exports dev.tinytitan.ir;
  exports dev.tinytitan.op;
  exports dev.tinytitan.io;
  exports dev.tinytitan.onnx;
  exports dev.tinytitan.kernel;
  exports dev.tinytitan.pass;

  uses dev.tinytitan.kernel.Engine;
  uses dev.tinytitan.kernel.PeakProbe;
  uses dev.tinytitan.kernel.KernelExtension;
}
