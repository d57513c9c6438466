package dev.tinytitan.codegen.x86;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The vector registers that a generator has not given a meaning yet. Under the System V ABI a
 * function may change all of them. Serves one thread.
 */
public final class VectorRegisters {
  private final Deque<Integer> free = new ArrayDeque<>();
  private final int bits;

  /**
   * All registers of a target.
   *
   * @param count 16, or 32 with AVX-512
   * @param bits the width of the registers given out
   */
  public VectorRegisters(int count, int bits) {
    this.bits = bits;
    for (int i = 0; i < count; i++) {
      free.add(i);
    }
  }

  /** How many are left. */
  public int available() {
    return free.size();
  }

  /**
   * The free register of the lowest number.
   *
   * @throws IllegalStateException if none is left: the generator's tile is too large
   */
  public Vec take() {
    Integer number = free.poll();
    if (number == null) {
      throw new IllegalStateException("No vector register is left.");
    }
    return Vec.of(number, bits);
  }

  /** As many as asked for. */
  public List<Vec> take(int count) {
    List<Vec> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(take());
    }
    return taken;
  }

  /** Gives a register back; it is the next to be taken. */
  public void release(Vec register) {
    if (free.contains(register.number())) {
      throw new IllegalStateException(register + " is free already.");
    }
    free.addFirst(register.number());
  }
}
