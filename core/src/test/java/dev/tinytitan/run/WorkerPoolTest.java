package dev.tinytitan.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.tensor.Tensor;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {

  private static Scratch[] scratch(int count) {
    Scratch[] scratch = new Scratch[count];
    java.util.Arrays.setAll(scratch, i -> new Scratch(0, 0, 0));
    return scratch;
  }

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
      Kernel kernel =
          (in, out, memory, part, count) -> {
            assertThat(count).isEqualTo(parts);
            ran.incrementAndGet(part);
          };
      pool.run(kernel, new @Nullable Tensor[0], new @Nullable Tensor[0], scratch(parts), parts);
      for (int part = 0; part < parts; part++) {
        assertThat(ran.get(part)).isEqualTo(1);
      }
    }
  }

  @Test
  void failureReachesTheCallerAndThePoolGoesOn() {
    try (WorkerPool pool = new WorkerPool(2)) {
      Kernel failing =
          (in, out, memory, part, count) -> {
            throw new IllegalArgumentException("part " + part);
          };
      assertThatThrownBy(() ->
              pool.run(failing, new @Nullable Tensor[0], new @Nullable Tensor[0], scratch(2), 2))
          .hasRootCauseInstanceOf(IllegalArgumentException.class);
      runRounds(pool, 100);
    }
  }
}
