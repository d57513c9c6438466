package dev.tinytitan.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.kernel.Workers;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {
  private static final double WORTH_WAKING = 1e6;

  @Test
  void everyPartRunsOnceInEveryRound() {
    try (WorkerPool pool = new WorkerPool(3)) {
      runRounds(pool, 20_000);
    }
  }

  private static void runRounds(WorkerPool pool, int rounds) {
    for (int round = 0; round < rounds; round++) {
      int parts = 2 + round % 2;
      AtomicIntegerArray ran = new AtomicIntegerArray(parts);
      Workers.Task work =
          (part, count) -> {
            assertThat(count).isEqualTo(parts);
            ran.incrementAndGet(part);
          };
      pool.run(work, parts, WORTH_WAKING);
      for (int part = 0; part < parts; part++) {
        assertThat(ran.get(part)).isEqualTo(1);
      }
    }
  }

  /** Nobody is awake yet, and nobody is started for it. */
  @Test
  void littleWorkWakesNobody() {
    try (WorkerPool pool = new WorkerPool(2)) {
      Set<Thread> ran = new HashSet<>();
      pool.run((part, count) -> ran.add(Thread.currentThread()), 2, 1000);
      assertThat(ran).containsExactly(Thread.currentThread());
    }
  }

  @Test
  void whoIsWokenTakesPart() {
    try (WorkerPool pool = new WorkerPool(2)) {
      Set<Thread> ran = ConcurrentHashMap.newKeySet();
      Workers.Task meeting =
          (part, count) -> {
            ran.add(Thread.currentThread());
            // The first part waits a moment, or who runs it would take the other one as well; no
            // longer than a woken worker looks for work.
            for (int spin = 0; part == 0 && spin < 1_000 && ran.size() < 2; spin++) {
              Thread.onSpinWait();
            }
          };
      // A worker that was woken goes to sleep again if nothing comes, so more than one try.
      for (int i = 0; i < 100_000 && ran.size() < 2; i++) {
        pool.wake();
        pool.run(meeting, 2, 1000);
      }
      assertThat(ran).hasSize(2);
    }
  }

  @Test
  void littleWorkRunsWhoeverIsAwake() {
    try (WorkerPool pool = new WorkerPool(3)) {
      for (int round = 0; round < 2_000; round++) {
        AtomicIntegerArray ran = new AtomicIntegerArray(3);
        pool.run(
            (part, count) -> ran.incrementAndGet(part), 3, round % 10 == 0 ? WORTH_WAKING : 1000);
        for (int part = 0; part < 3; part++) {
          assertThat(ran.get(part)).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void failureReachesTheCallerAndThePoolGoesOn() {
    try (WorkerPool pool = new WorkerPool(2)) {
      Workers.Task failing =
          (part, count) -> {
            throw new IllegalArgumentException("part " + part);
          };
      assertThatThrownBy(() -> pool.run(failing, 2, WORTH_WAKING))
          .hasRootCauseInstanceOf(IllegalArgumentException.class);
      runRounds(pool, 100);
    }
  }
}
