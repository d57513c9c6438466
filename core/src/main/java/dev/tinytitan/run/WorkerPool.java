package dev.tinytitan.run;

import dev.tinytitan.kernel.Work;
import dev.tinytitan.kernel.Workers;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A few threads that share the parts of large kernels with the calling thread. Workers wait a
 * moment for the next kernel of a running inference, then park; an idle session costs no processor
 * time. Waking them costs more than a small kernel takes, so that one is shared only with those who
 * are awake.
 *
 * <p>One kernel at a time: a second caller that finds the pool busy runs its parts alone. Running
 * allocates nothing.
 */
public final class WorkerPool implements Workers, AutoCloseable {
  /**
   * About 20 to 50 microseconds: longer than the gap between two kernels, shorter than a wake-up.
   */
  private static final int SPINS = 2_000;

  private final int threads;
  private final Worker[] workers;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicInteger partsLeft = new AtomicInteger();

  /**
   * The round (upper half), the job's parts (16 bits) and the next part to take (16 bits), in one
   * word: whoever takes a part knows that it belongs to the job that is published.
   */
  private final AtomicLong ticket = new AtomicLong();

  private volatile boolean closed;
  private @Nullable Task task;
  private volatile @Nullable Throwable failure;
  private volatile @Nullable Thread caller;

  /**
   * A pool for this many threads, the caller counted; workers start when first needed.
   *
   * @throws IllegalArgumentException if {@code threads} is not positive
   */
  public WorkerPool(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("at least one thread is needed, not " + threads);
    }
    this.threads = threads;
    this.workers = new Worker[threads - 1];
  }

  @Override
  public int threads() {
    return threads;
  }

  @Override
  public void run(Task job, int partCount, double nanos) {
    boolean wakes = Work.isWorthWaking(nanos, partCount);
    if (partCount == 1 || closed || !(wakes || isAnyAwake()) || !busy.compareAndSet(false, true)) {
      Workers.NONE.run(job, partCount, nanos);
      return;
    }
    try {
      task = job;
      failure = null;
      caller = Thread.currentThread();
      partsLeft.set(partCount);
      publish(partCount, wakes);
      takeParts();
      await();
      Throwable thrown = failure;
      if (thrown != null) {
        throw new IllegalStateException("a kernel failed in a worker thread", thrown);
      }
    } finally {
      task = null;
      caller = null;
      busy.set(false);
    }
  }

  private boolean isAnyAwake() {
    for (Worker worker : workers) {
      if (worker != null && !worker.parked) {
        return true;
      }
    }
    return false;
  }

  private void publish(int partCount, boolean wakes) {
    int round = roundOf(ticket.get());
    ticket.set(((long) (round + 1) << 32) | ((long) partCount << 16));
    if (wakes) {
      wake(partCount - 1, round);
    }
  }

  /** Wakes or starts all workers: a run begins whose many small kernels they will share. */
  void wake() {
    if (!closed && busy.compareAndSet(false, true)) {
      try {
        wake(workers.length, roundOf(ticket.get()));
      } finally {
        busy.set(false);
      }
    }
  }

  /**
   * Wakes or starts workers.
   *
   * @param seen the last round that they have nothing to do with
   */
  private void wake(int count, int seen) {
    for (int i = 0; i < Math.min(count, workers.length); i++) {
      Worker worker = workers[i];
      if (worker == null) {
        worker = new Worker(i, seen);
        workers[i] = worker;
        worker.start();
      } else if (worker.parked) {
        LockSupport.unpark(worker);
      }
    }
  }

  private static int roundOf(long word) {
    return (int) (word >>> 32);
  }

  private void takeParts() {
    while (true) {
      long word = ticket.getAndIncrement();
      int part = (int) (word & 0xFFFF);
      int parts = (int) (word >>> 16) & 0xFFFF;
      if (part >= parts) {
        return;
      }
      Task job = task;
      try {
        if (job != null) {
          job.run(part, parts);
        }
      } catch (RuntimeException | Error error) {
        failure = error;
      }
      if (partsLeft.decrementAndGet() == 0) {
        Thread waiting = caller;
        if (waiting != null && waiting != Thread.currentThread()) {
          LockSupport.unpark(waiting);
        }
      }
    }
  }

  private void await() {
    for (int spin = 0; partsLeft.get() > 0; spin++) {
      if (spin < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
      }
    }
  }

  /** Ends the workers. Kernels that still run end first. */
  @Override
  public void close() {
    closed = true;
    for (Worker worker : workers) {
      if (worker != null) {
        LockSupport.unpark(worker);
      }
    }
  }

  private final class Worker extends Thread {
    private volatile boolean parked;
    private int seen;

    Worker(int index, int seen) {
      super("tinytitan-worker-" + index);
      setDaemon(true);
      this.seen = seen;
    }

    @Override
    public void run() {
      int spins = 0;
      while (!closed) {
        int round = roundOf(ticket.get());
        if (round != seen) {
          seen = round;
          takeParts();
          spins = 0;
        } else if (spins < SPINS) {
          spins++;
          Thread.onSpinWait();
        } else {
          parked = true;
          if (roundOf(ticket.get()) == seen && !closed) {
            LockSupport.park(WorkerPool.this);
          }
          parked = false;
          spins = 0;
        }
      }
    }
  }
}
