/** The runtime: reads, checks, optimizes and runs ONNX models. Needs nothing but the JDK. */
module dev.tinytitan {
  requires static org.jspecify;
}
