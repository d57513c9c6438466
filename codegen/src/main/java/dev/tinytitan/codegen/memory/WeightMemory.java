package dev.tinytitan.codegen.memory;

import dev.tinytitan.kernel.PackedWeights;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Memory for the packed weights of one session, side by side in huge pages: the weights of a large
 * model pass by once in each run, and with pages of 4 KiB the processor looks up an address for
 * every 64 cache lines, and stops fetching ahead there. Neighbours are given back together, when
 * the session ends or nobody refers to any of them any more. Safe for many threads.
 */
public final class WeightMemory {
  private static final long HUGE_PAGE = 2L << 20;

  /** Address space taken at a time; memory is what is written to, in whole huge pages. */
  private static final long SLAB = 8 * HUGE_PAGE;

  /** Weights below this stay on memory of their own: small sessions would only grow. */
  private static final long LEAST = 1 << 18;

  private final PackedWeights owner;
  private NativeMemory.@Nullable Block slab;
  private long used;

  private WeightMemory(PackedWeights owner) {
    this.owner = owner;
  }

  /**
   * Zeroed memory for weights that last as long as their session, aligned to cache lines.
   *
   * @param owner ends it with the session
   */
  public static NativeMemory.Block allocate(PackedWeights owner, long bytes) {
    if (bytes < LEAST) {
      NativeMemory.Block block = NativeMemory.allocate(bytes);
      owner.closeAtEnd(block.end());
      return block;
    }
    return owner
        .shared("memory of weights", WeightMemory.class, () -> new WeightMemory(owner))
        .take(bytes);
  }

  private synchronized NativeMemory.Block take(long bytes) {
    long rounded = Math.ceilDiv(bytes, NativeArena.ALIGNMENT) * NativeArena.ALIGNMENT;
    NativeMemory.Block from = slab;
    if (from == null || used + rounded > from.segment().byteSize()) {
      from = mapped(Math.max(SLAB, Math.ceilDiv(rounded, HUGE_PAGE) * HUGE_PAGE));
      owner.closeAtEnd(from.end());
      slab = from;
      used = 0;
    }
    MemorySegment piece = from.segment().asSlice(used, bytes);
    used += rounded;
    return new NativeMemory.Block(piece, from.end());
  }

  @SuppressWarnings("restricted") // Whether native access is enabled, Host has looked at.
  private static NativeMemory.Block mapped(long bytes) {
    LinuxMemory memory = LinuxMemory.instance();
    long all = bytes + HUGE_PAGE;
    long start = memory.map(all);
    long aligned = Math.ceilDiv(start, HUGE_PAGE) * HUGE_PAGE;
    memory.preferHugePages(aligned, bytes);
    return new NativeMemory.Block(
        MemorySegment.ofAddress(aligned).reinterpret(bytes),
        NativeMemory.of(() -> memory.unmap(start, all)));
  }
}
