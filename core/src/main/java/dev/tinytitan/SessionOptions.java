package dev.tinytitan;

/**
 * How a model is run. Immutable; each {@code with…} method gives a changed copy.
 *
 * @param engine the engine's name: {@code reference}, {@code portable}, {@code simd}…; empty for
 *     the best there is. The property {@code tinytitan.engine} sets it where it is empty
 * @param threads the most threads that one run uses, the caller counted; large layers are split
 *     between them
 * @param optimize whether the graph is optimized before it is run; the results are the same within
 *     floating-point tolerance
 * @param literalQuantization whether Q/DQ groups are computed as the graph has them, in float, and
 *     not as the integer operators that they stand for (docs/numerics.md); for comparisons
 */
public record SessionOptions(
    String engine, int threads, boolean optimize, boolean literalQuantization) {

  /** The property that names the engine where options do not. */
  public static final String ENGINE_PROPERTY = "tinytitan.engine";

  private static final int MOST_DEFAULT_THREADS = 4;

  public SessionOptions {
    if (threads < 1) {
      throw new IllegalArgumentException("at least one thread is needed, not " + threads);
    }
  }

  /** The best engine, as many threads as processors (at most 4), optimized. */
  public static SessionOptions defaults() {
    return new SessionOptions(
        "",
        Math.min(MOST_DEFAULT_THREADS, Runtime.getRuntime().availableProcessors()),
        true,
        false);
  }

  /** The same with another engine. */
  public SessionOptions withEngine(String name) {
    return new SessionOptions(name, threads, optimize, literalQuantization);
  }

  /** The same with another number of threads. */
  public SessionOptions withThreads(int count) {
    return new SessionOptions(engine, count, optimize, literalQuantization);
  }

  /** The same with or without optimization. */
  public SessionOptions withOptimize(boolean wanted) {
    return new SessionOptions(engine, threads, wanted, literalQuantization);
  }

  /** The same with Q/DQ groups taken literally or not. */
  public SessionOptions withLiteralQuantization(boolean wanted) {
    return new SessionOptions(engine, threads, optimize, wanted);
  }

  /** The engine asked for here, or by the property; empty for the best there is. */
  String engineOrProperty() {
    return engine.isEmpty() ? System.getProperty(ENGINE_PROPERTY, "") : engine;
  }
}
