package dev.tinytitan.run;

import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a graph runs for one set of input shapes: on its lasting plan, or, while making that takes
 * long, on one that stands in and gives the same bits ({@link StandIn}). Thread-safe.
 *
 * <p>The lasting plan of an entry with a stand-in is made on a thread of its own once the first
 * answer is given, so that it does not delay that answer; runs take it as soon as it is there. If
 * making it fails, the stand-in stays.
 */
final class PlanEntry {
  /** Makes plans. */
  interface Maker {
    /** One that answers until the lasting one is made; null if there is no need or no such plan. */
    @Nullable PooledPlan standIn();

    /** The lasting one. */
    PooledPlan lasting();
  }

  private final Maker maker;

  /** Held while the lasting plan is made. */
  private final Object making = new Object();

  private volatile @Nullable PooledPlan lasting;
  private volatile boolean cancelled;

  // Guarded by this entry's own lock.
  private boolean asked;
  private @Nullable PooledPlan standIn;
  private @Nullable Thread background;

  PlanEntry(Maker maker) {
    this.maker = maker;
  }

  /** Runs the graph on the plan that is there, or can be there first. */
  List<Tensor> run(List<Tensor> inputs) {
    PooledPlan first = standIn();
    if (first == null) {
      return lasting().run(inputs);
    }
    List<Tensor> outputs = first.run(inputs);
    makeInBackground();
    return outputs;
  }

  /** The plan that stands in; null if there is none, or the lasting one is there. */
  private @Nullable PooledPlan standIn() {
    if (lasting != null) {
      return null;
    }
    synchronized (this) {
      if (!asked) {
        asked = true;
        standIn = maker.standIn();
      }
      return lasting == null ? standIn : null;
    }
  }

  /** The lasting plan; made now, or waited for if another thread is making it. */
  PooledPlan lasting() {
    PooledPlan known = lasting;
    if (known != null) {
      return known;
    }
    synchronized (making) {
      if (lasting == null) {
        lasting = maker.lasting();
      }
      known = lasting;
    }
    synchronized (this) {
      // Runs under way hold what they need of it.
      standIn = null;
      asked = true;
    }
    return known;
  }

  private synchronized void makeInBackground() {
    if (background == null && lasting == null) {
      // A class of its own, not a lambda: this happens while a program starts.
      Thread thread =
          new Thread("tinytitan-plan") {
            @Override
            public void run() {
              makeQuietly();
            }
          };
      thread.setDaemon(true);
      thread.start();
      background = thread;
    }
  }

  private void makeQuietly() {
    if (cancelled) {
      return;
    }
    try {
      lasting();
    } catch (RuntimeException | LinkageError failure) {
      System.getLogger(PlanEntry.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "The model stays on the kernels that gave its first answer, which are slower and give"
                  + " the same answers: making its plan failed.",
              failure);
    }
  }

  /** Waits for the thread that makes the lasting plan; nothing runs any more. */
  void close() {
    cancelled = true;
    Thread thread;
    synchronized (this) {
      thread = background;
    }
    boolean interrupted = false;
    while (thread != null && thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException wanted) {
        // What the thread is writing to is about to be freed, so it must end first.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
