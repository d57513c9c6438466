package dev.tinytitan.edge.adapt;

import dev.tinytitan.edge.elastic.ElasticSession;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Runs a model at a steady rate on this machine, with or without adapting, and takes notes. */
public final class AdaptiveRun {
  private AdaptiveRun() {}

  /**
   * How to run.
   *
   * @param seconds how long
   * @param rate frames a second; one that comes while another runs waits for it
   * @param busyThreads that compete for the processor
   * @param busyFrom seconds from the start at which they begin
   * @param stop asked before each frame but the first: true ends the run early
   */
  public record Plan(
      double seconds, double rate, int busyThreads, double busyFrom, BooleanSupplier stop) {
    /** A run that lasts as long as planned. */
    public Plan(double seconds, double rate, int busyThreads, double busyFrom) {
      this(seconds, rate, busyThreads, busyFrom, () -> false);
    }
  }

  /** One frame's way to an answer. */
  private interface Runner {
    Frame run(double time, long arrived);
  }

  /** Runs with a controller. */
  public static Timeline adaptive(
      ElasticSession session,
      Goal goal,
      List<PointProfile> profiles,
      Sensors sensors,
      Tensor sample,
      Plan plan) {
    // Not closed: the session is the caller's.
    AdaptiveSession adaptive =
        new AdaptiveSession(session, new Controller(goal, profiles), sensors);
    return play(
        "adapting",
        plan,
        (time, arrived) -> {
          adaptive.run(sample, arrived);
          PointProfile profile =
              adaptive.profiles().stream()
                  .filter(each -> each.point().equals(adaptive.point()))
                  .findFirst()
                  .orElseThrow();
          return frame(time, profile, adaptive.lastSeconds(), goal, adaptive.lastChange());
        });
  }

  /** Runs the most accurate point all the time. */
  public static Timeline fixed(
      ElasticSession session, Goal goal, List<PointProfile> profiles, Tensor sample, Plan plan) {
    PointProfile largest = new Controller(goal, profiles).profiles().getFirst();
    session.use(largest.point());
    return play(
        "fixed at " + largest.point().name(),
        plan,
        (time, arrived) -> {
          session.run(sample);
          return frame(time, largest, (System.nanoTime() - arrived) * 1e-9, goal, Optional.empty());
        });
  }

  private static Frame frame(
      double time, PointProfile profile, double seconds, Goal goal, Optional<String> change) {
    return new Frame(
        time,
        profile.point(),
        seconds / profile.seconds(),
        seconds,
        seconds <= goal.deadlineSeconds(),
        profile.joules(),
        change);
  }

  private static Timeline play(String title, Plan plan, Runner runner) {
    List<Frame> frames = new ArrayList<>();
    long start = System.nanoTime();
    long period = (long) (1e9 / plan.rate());
    long count = Math.max(1, (long) (plan.seconds() * plan.rate()));
    BusyThreads busy = null;
    try {
      for (long i = 0; i < count && (i == 0 || !plan.stop().getAsBoolean()); i++) {
        long due = start + i * period;
        if (busy == null && plan.busyThreads() > 0 && i * period >= plan.busyFrom() * 1e9) {
          busy = new BusyThreads(plan.busyThreads());
        }
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        // A frame is there when the program sees it: a camera's buffer is not polled in its sleep.
        long now = System.nanoTime();
        frames.add(runner.run((now - start) * 1e-9, now));
      }
    } finally {
      if (busy != null) {
        busy.close();
      }
    }
    return new Timeline(title, frames);
  }
}
