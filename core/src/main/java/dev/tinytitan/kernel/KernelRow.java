package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import java.util.Optional;
import java.util.Set;

/**
 * One row of an engine's kernel table: what the kernel is for, when it may be used, what it costs.
 * Selection, differential tests, benchmarks and {@code titan kernels} all read it.
 */
public interface KernelRow {

  /** A short name, unique in its engine, such as {@code conv-float32-gemm}. */
  String name();

  /** The operator that it computes; subclasses included if it is an interface. */
  Class<? extends Operator> operator();

  /** The layouts in which it takes and gives feature maps; most preferred first. */
  Set<Layout> layouts();

  /**
   * Why the kernel cannot be used here; empty if it can. Checks dtypes, shapes, constants and the
   * operator's attributes.
   */
  Optional<String> refuses(KernelRequest request);

  /** Estimated nanoseconds on one thread; only comparable between rows. */
  double cost(KernelRequest request);

  /** True if output 0 may lie in the array of input {@code index}, element over element. */
  default boolean canRunInPlace(int index) {
    return false;
  }

  /**
   * Makes the kernel: packs weights, works out offsets. Only after {@link #refuses} was empty. What
   * it holds outside the heap it hands to {@link PackedWeights#closeAtEnd}; where it fails it holds
   * nothing.
   *
   * @throws KernelUnavailableException if something outside keeps the kernel from being made that
   *     {@link #refuses} could not know of. The planner then goes on with the next candidate, down
   *     to the operator's reference, so the answers stay the same.
   */
  Kernel make(KernelRequest request);
}
