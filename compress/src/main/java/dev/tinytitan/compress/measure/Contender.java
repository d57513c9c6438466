package dev.tinytitan.compress.measure;

/** Something whose speed is measured: a model ready on an engine, its inputs filled. */
public interface Contender extends AutoCloseable {

  /** What tables call it, such as {@code simd} or {@code ONNX Runtime}. */
  String name();

  /** Runs once, on the same inputs every time, reusing its tensors. */
  void run();

  @Override
  void close();
}
