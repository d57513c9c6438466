package dev.tinytitan.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressDisplayTest {
  private final StringWriter text = new StringWriter();
  private long seconds;

  private ProgressDisplay display(boolean json) {
    return new ProgressDisplay(
        new PrintWriter(text, true), false, json, () -> seconds * 1_000_000_000L);
  }

  private void work(ProgressDisplay display) {
    for (int step = 1; step <= 100; step++) {
      seconds++;
      display.report("calibrate", step, 100);
    }
    seconds += 20;
    for (int step = 1; step <= 100; step++) {
      seconds++;
      display.watch("epoch 1", step, 100);
    }
    display.close();
  }

  @Test
  void aLogHasALineEachHalfMinuteAndAtTheEnd() {
    work(display(false));
    assertThat(text.toString().lines())
        .containsExactly(
            "calibrate: 30 of 100 after 29 s",
            "calibrate: 60 of 100 after 59 s",
            "calibrate: 90 of 100 after 89 s",
            "calibrate: 100 done in 120.0 s",
            "epoch 1: 31 of 100 after 30 s",
            "epoch 1: 61 of 100 after 60 s",
            "epoch 1: 91 of 100 after 90 s");
  }

  @Test
  void shortStagesHaveNoLineUnlessTimeHasPassed() {
    ProgressDisplay display = display(false);
    for (int trial = 1; trial <= 40; trial++) {
      display.watch("trial " + trial + ", train", 1, 2);
      seconds++;
    }
    display.close();
    assertThat(text.toString().lines()).containsExactly("trial 31, train: 1 of 2 after 0 s");
  }

  @Test
  void jsonStandsAlone() {
    work(display(true));
    assertThat(text.toString()).isEmpty();
  }
}
