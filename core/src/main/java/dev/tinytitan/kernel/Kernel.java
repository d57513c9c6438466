package dev.tinytitan.kernel;

import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node of one plan, made ready: shapes known, weights packed. Immutable after it is made, and
 * shared by all threads; what changes from run to run lies in the tensors and the {@link Scratch}.
 *
 * <p>{@link #run} allocates nothing.
 */
public interface Kernel {

  /**
   * Into how many parts the work can usefully be split; 1 if it is not worth a second thread. Parts
   * write disjoint pieces of the outputs.
   *
   * @param threads how many threads there are
   */
  default int parts(int threads) {
    return 1;
  }

  /** Floats of scratch memory that one part needs. */
  default int scratchFloats() {
    return 0;
  }

  /** Ints of scratch memory that one part needs. */
  default int scratchInts() {
    return 0;
  }

  /** Bytes of scratch memory that one part needs. */
  default int scratchBytes() {
    return 0;
  }

  /**
   * Whether {@link #run} reads input {@code index}. False for constants that were packed when the
   * kernel was made: the plan then need not keep them, and passes null.
   */
  default boolean reads(int index) {
    return true;
  }

  /** For people: what else was looked at when it was made, and why that was not taken. */
  default List<String> rejected() {
    return List.of();
  }

  /**
   * The kernel as one binding runs it. A kernel that keeps memory of its own from run to run, or
   * splits its work itself, gives a new one, which serves one thread at a time; others give
   * themselves.
   *
   * @param workers the session's threads; not to be used by a kernel that runs in parts
   */
  default Kernel bind(Workers workers) {
    return this;
  }

  /**
   * Bytes outside the heap that the result of {@link #bind} keeps from run to run: activations,
   * arguments. Weights and code, which all bindings share, are not in them.
   */
  default long boundBytes() {
    return 0;
  }

  /**
   * Computes one part of the outputs. With {@code parts} 1, everything.
   *
   * <p>Arrays of tensors may be longer than the tensors. Output contents are undefined before.
   *
   * @param inputs by position; null for one left out or not read
   * @param outputs by position; null for one left out
   * @param scratch memory of this thread, at least as large as asked for, contents undefined
   * @param part from 0 to {@code parts - 1}
   * @param parts at most what {@link #parts} gave
   */
  void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts);
}
