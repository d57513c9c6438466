package dev.tinytitan.codegen.memory;

import java.lang.foreign.MemorySegment;

/**
 * A function in {@link ExecutableMemory} that takes up to four words or pointers and returns
 * nothing (System V AMD64 ABI: RDI, RSI, RDX, RCX; RBX, RBP and R12 to R15 stay as they are).
 * Whoever calls it answers for the memory being open and the pointers being right: nothing is
 * checked. Immutable; safe for many threads if the function is.
 */
public final class NativeFunction {
  /** The longest critical call, by estimate: a garbage collection may wait for it. */
  public static final double CRITICAL_NANOS = 20_000;

  private final MemorySegment entry;

  NativeFunction(long address) {
    this.entry = MemorySegment.ofAddress(address);
  }

  /** Where it starts. */
  public long address() {
    return entry.address();
  }

  /** Calls it with one word; the garbage collector does not wait for it. */
  public void call(long first) {
    call(first, 0, 0, 0);
  }

  /** Calls it with four words; the garbage collector does not wait for it. */
  public void call(long first, long second, long third, long fourth) {
    try {
      Downcalls.Plain.CALL.invokeExact(entry, first, second, third, fourth);
    } catch (Throwable failure) {
      throw Downcalls.impossible(failure);
    }
  }

  /**
   * Calls it with one word, at the price of a call in C; garbage collections wait until it returns,
   * so only for functions that take a few microseconds.
   */
  public void callCritical(long first) {
    callCritical(first, 0, 0, 0);
  }

  /** As {@link #callCritical(long)}, with four words. */
  public void callCritical(long first, long second, long third, long fourth) {
    try {
      Downcalls.Critical.CALL.invokeExact(entry, first, second, third, fourth);
    } catch (Throwable failure) {
      throw Downcalls.impossible(failure);
    }
  }

  /**
   * As {@link #callCritical(long)}, with segments that may lie over Java arrays; {@link
   * MemorySegment#NULL} for those that the function does not take.
   */
  public void callCritical(
      MemorySegment first, MemorySegment second, MemorySegment third, MemorySegment fourth) {
    try {
      Downcalls.CriticalOnHeap.CALL.invokeExact(entry, first, second, third, fourth);
    } catch (Throwable failure) {
      throw Downcalls.impossible(failure);
    }
  }
}
