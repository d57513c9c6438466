package dev.tinytitan.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.kernel.Workers;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {

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
      pool.run(work, parts);
      for (int part = 0; part < parts; part++) {
        assertThat(ran.get(part)).isEqualTo(1);
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
      assertThatThrownBy(() -> pool.run(failing, 2))
          .hasRootCauseInstanceOf(IllegalArgumentException.class);
      runRounds(pool, 100);
    }
  }
}
