package dev.tinytitan.codegen.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a generated function that works on Java arrays is called with: the address of a block of
 * arguments in native memory, and segments over some arrays, made anew only for other arrays.
 * Serves one thread at a time.
 */
public final class CallBlock {
  private static final int ARRAYS = 5;

  private final MemorySegment block;
  private final MemorySegment address;
  private final float[] @Nullable [] arrays = new float[ARRAYS][];
  private final MemorySegment[] segments = new MemorySegment[ARRAYS];

  /** Arguments in this memory, which stays open as long as functions are called. */
  public CallBlock(MemorySegment block) {
    this.block = block;
    // Of no arena: nothing to check or to hold on to in each call.
    this.address = MemorySegment.ofAddress(block.address());
    Arrays.fill(segments, MemorySegment.NULL);
  }

  /** The block, for functions. */
  public MemorySegment address() {
    return address;
  }

  /**
   * The segment over an array; {@link MemorySegment#NULL} if there is none.
   *
   * @param index which of the arrays, from 0 to 4
   */
  public MemorySegment segment(int index, float @Nullable [] array) {
    if (arrays[index] != array) {
      arrays[index] = array;
      segments[index] = array == null ? MemorySegment.NULL : MemorySegment.ofArray(array);
    }
    return segments[index];
  }

  /** Sets a word. */
  public void set(int argument, long value) {
    block.set(ValueLayout.JAVA_LONG, argument, value);
  }

  /** Sets 32 bits. */
  public void setInt(int argument, int value) {
    block.set(ValueLayout.JAVA_INT, argument, value);
  }

  /** Sets a float. */
  public void setFloat(int argument, float value) {
    block.set(ValueLayout.JAVA_FLOAT, argument, value);
  }

  /** 32 bits as they were set. */
  public int getInt(int argument) {
    return block.get(ValueLayout.JAVA_INT, argument);
  }

  /** What a function left there. */
  public float getFloat(int argument) {
    return block.get(ValueLayout.JAVA_FLOAT, argument);
  }
}
