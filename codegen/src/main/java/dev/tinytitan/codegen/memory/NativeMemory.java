package dev.tinytitan.codegen.memory;

import dev.tinytitan.kernel.PackedWeights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;

/**
 * Something outside the heap that ends once: when its session does, or when nobody refers to it any
 * more, whichever comes first.
 */
public final class NativeMemory implements PackedWeights.NativeResource {
  /** Alignment of vectors and cache lines. */
  private static final long ALIGNMENT = 64;

  private static final Cleaner CLEANER = Cleaner.create();

  private final Cleaner.Cleanable end;

  /**
   * @param release ends it; must not refer to whoever holds this object
   */
  private NativeMemory(Runnable release) {
    this.end = CLEANER.register(this, release);
  }

  /** The end of something that exists already. */
  public static NativeMemory of(Runnable release) {
    return new NativeMemory(release);
  }

  /** Memory with its end. */
  public record Block(MemorySegment segment, NativeMemory end) {}

  /** Zeroed memory, aligned to cache lines. */
  public static Block allocate(long bytes) {
    Arena arena = Arena.ofShared();
    MemorySegment segment = arena.allocate(bytes, ALIGNMENT);
    return new Block(segment, new NativeMemory(arena::close));
  }

  @Override
  public void close() {
    end.clean();
  }
}
