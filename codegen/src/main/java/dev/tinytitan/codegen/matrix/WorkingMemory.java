package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.memory.NativeMemory;
import dev.tinytitan.kernel.PackedWeights;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Native memory that the products of a session borrow for one run each. The last one given back is
 * the first one taken, so that a model's products write one after the other to the same place,
 * which stays in the second-level cache. Safe for many threads.
 */
final class WorkingMemory {
  private final PackedWeights owner;
  private final Deque<NativeMemory.Block> free = new ArrayDeque<>();

  private WorkingMemory(PackedWeights owner) {
    this.owner = owner;
  }

  /**
   * The session's.
   *
   * @param owner ends it with the session
   */
  static WorkingMemory of(PackedWeights owner) {
    return owner.shared(
        "working memory of products", WorkingMemory.class, () -> new WorkingMemory(owner));
  }

  /** At least this many bytes, of unknown contents, until {@link #give}. */
  synchronized NativeMemory.Block take(long bytes) {
    NativeMemory.Block block = free.pollLast();
    if (block != null && block.segment().byteSize() >= bytes) {
      return block;
    }
    if (block != null) {
      block.end().close();
    }
    NativeMemory.Block larger = NativeMemory.allocate(bytes);
    owner.closeAtEnd(larger.end());
    return larger;
  }

  /** Takes back what {@link #take} gave. */
  synchronized void give(NativeMemory.Block block) {
    free.addLast(block);
  }
}
