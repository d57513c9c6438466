package dev.tinytitan.codegen.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Memory outside the Java heap for constants, activations and parameter blocks of generated
 * functions: zeroed, and each piece aligned to a cache line of 64 bytes. {@link #close} gives all
 * of it back; no generated function may be running on it then. Safe for many threads.
 */
public final class NativeArena implements AutoCloseable {
  /** The bytes of a cache line, and of the longest vector. */
  public static final int ALIGNMENT = 64;

  private final Arena arena;

  /** An arena without memory. */
  public NativeArena() {
    this(Arena.ofShared());
  }

  /**
   * Memory from an arena of the caller's making, which {@link #close} closes: tests put guard pages
   * around each piece.
   */
  public NativeArena(Arena arena) {
    this.arena = arena;
  }

  /**
   * Zeroed memory, aligned to {@link #ALIGNMENT} bytes.
   *
   * @throws IllegalStateException if the arena is closed
   * @throws OutOfMemoryError if there is not so much
   */
  public MemorySegment allocate(long bytes) {
    return arena.allocate(bytes, ALIGNMENT);
  }

  /** Memory with a copy of these bytes. */
  public MemorySegment copyOf(byte[] values) {
    MemorySegment segment = allocate(values.length);
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_BYTE, 0, values.length);
    return segment;
  }

  /** Memory with a copy of these values. */
  public MemorySegment copyOf(int[] values) {
    MemorySegment segment = allocate(4L * values.length);
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_INT, 0, values.length);
    return segment;
  }

  /** Memory with a copy of these values. */
  public MemorySegment copyOf(float[] values) {
    MemorySegment segment = allocate(4L * values.length);
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_FLOAT, 0, values.length);
    return segment;
  }

  @Override
  public void close() {
    arena.close();
  }
}
