package dev.tinytitan.edge.adapt;

import java.util.ArrayList;
import java.util.List;

/** Threads that keep processors busy, as another program would; to see a model adapt. */
public final class BusyThreads implements AutoCloseable {
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean ends;
  private volatile double result;

  /** Starts so many threads, of the priority of any other. */
  public BusyThreads(int count) {
    for (int i = 0; i < count; i++) {
      threads.add(Thread.ofPlatform().daemon().name("busy-" + i).start(this::work));
    }
  }

  private void work() {
    double value = 1;
    while (!ends) {
      for (int i = 0; i < 10_000; i++) {
        value = Math.sqrt(value + i);
      }
      result = value;
    }
  }

  /** What was computed last; so that it is not optimized away. */
  public double result() {
    return result;
  }

  @Override
  public void close() {
    ends = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
