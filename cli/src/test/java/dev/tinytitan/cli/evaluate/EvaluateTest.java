package dev.tinytitan.cli.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class EvaluateTest {

  @Test
  void confusionCountsMistakesAndF1() {
    Confusion confusion = new Confusion(4);
    int[][] pairs = {{0, 0}, {0, 0}, {0, 1}, {1, 1}, {2, 1}, {2, 1}, {2, 2}};
    for (int[] pair : pairs) {
      confusion.add(pair[0], pair[1]);
    }
    assertThat(confusion.hits()).isEqualTo(4);
    assertThat(confusion.total()).isEqualTo(7);
    // Class 3 does not occur and does not count: F1 of 0.8, 0.4 and 0.5.
    assertThat(confusion.macroF1()).isCloseTo((0.8 + 0.4 + 0.5) / 3, within(1e-12));
    assertThat(confusion.mistakes())
        .containsExactly(new Confusion.Mistake(2, 1, 2, 3), new Confusion.Mistake(0, 1, 1, 3));
  }
}
