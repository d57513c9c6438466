package dev.tinytitan.kernel;

import java.util.List;
import java.util.Optional;

/**
 * A set of kernels; found with {@link java.util.ServiceLoader}. An implementation's class must load
 * and answer {@link #problem} even where what it needs is missing; only {@link #rows} may touch it.
 */
public interface Engine {

  /** What users select it by, such as {@code simd}. */
  String name();

  /** Among engines without a problem, the one of the highest rank is the default. */
  int rank();

  /** What keeps the engine from running here, and the remedy, in one sentence; empty if nothing. */
  Optional<String> problem();

  /**
   * Does beforehand what would make the first plan slow: loads native code, say. Called on a thread
   * of its own while a model is read; never throws.
   */
  default void prepare() {}

  /**
   * Its kernels. Nodes for which none fits fall to the engine of the next lower rank, in the end to
   * the operators' reference.
   */
  List<KernelRow> rows();

  /** What makes one kernel of a run of nodes; asked only of the engine that comes first. */
  default Optional<ChainCompiler> chainCompiler() {
    return Optional.empty();
  }
}
