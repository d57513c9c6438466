package dev.tinytitan.run;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts calls under way, so that closing can wait for them and later ones are refused.
 * Thread-safe; entering and leaving allocate nothing.
 */
public final class RunGate {
  private static final int CLOSED = Integer.MIN_VALUE;

  private final AtomicInteger state = new AtomicInteger();

  /**
   * Begins a call.
   *
   * @throws IllegalStateException if the gate is closed
   */
  public void enter() {
    if (state.incrementAndGet() < 0) {
      leave();
      throw new IllegalStateException("the session is closed");
    }
  }

  /** Ends a call. */
  public void leave() {
    if (state.decrementAndGet() == CLOSED) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  /**
   * Refuses new calls and waits for those under way.
   *
   * @return false if the gate was closed before
   */
  public boolean close() {
    int before = state.getAndUpdate(count -> count | CLOSED);
    synchronized (this) {
      boolean interrupted = false;
      while (state.get() != CLOSED) {
        try {
          wait();
        } catch (InterruptedException ignored) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return before >= 0;
  }

  /** True after {@link #close}. */
  public boolean isClosed() {
    return state.get() < 0;
  }
}
