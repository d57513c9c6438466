package dev.tinytitan.compress.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PairedDropTest {

  @Test
  void theBoundOfMoreSamplesIsTighter() {
    PairedDrop drop = PairedDrop.of(new double[] {1, 2, 3, 4}, new double[4]);
    assertThat(drop.boundOn(4)).isEqualTo(drop.bound());
    assertThat(drop.boundOn(100)).isBetween(2.5, drop.bound());
  }

  @Test
  void boundIsThatOfStudentsT() {
    // Of 1, 2, 3, 4 the mean is 2.5 and its standard error 0.6455; t at 95 % and 3 degrees 2.3534.
    PairedDrop drop = PairedDrop.of(new double[] {1, 2, 3, 4}, new double[4]);
    assertThat(drop.mean()).isCloseTo(2.5, within(1e-12));
    assertThat(drop.bound()).isCloseTo(2.5 + 2.3534 * 0.6455, within(0.03));
  }

  @Test
  void pairsCancelWhatBothHaveInCommon() {
    double[] before = {10, 90, 50, 70, 30};
    double[] after = {9, 89, 49, 69, 29};
    PairedDrop drop = PairedDrop.of(before, after);
    assertThat(drop.mean()).isCloseTo(1, within(1e-12));
    assertThat(drop.bound()).isCloseTo(1, within(1e-9));
  }

  @Test
  void oneSampleProvesNothing() {
    assertThat(PairedDrop.of(new double[] {1}, new double[] {1}).bound())
        .isEqualTo(Double.POSITIVE_INFINITY);
  }

  /** Bonett and Price by hand: 4 of 48 worse, 1 better gives (5 - 2) / 50 and its error. */
  @Test
  void hitsHaveTheAdjustedInterval() {
    double[] before = hits(48, 0, 4);
    double[] after = hits(48, 4, 5);
    PairedDrop drop = PairedDrop.ofHits(before, after, 100);
    assertThat(drop.worse()).isEqualTo(4);
    assertThat(drop.better()).isEqualTo(1);
    double error = Math.sqrt((7 / 50.0 - 0.06 * 0.06) / 50);
    assertThat(drop.bound()).isCloseTo(100 * (0.06 + 1.6449 * error), within(1e-3));
    assertThat(drop.interval().low()).isCloseTo(100 * (0.06 - 1.96 * error), within(1e-3));
    assertThat(drop.interval().value()).isCloseTo(100 * 3 / 48.0, within(1e-9));
  }

  @Test
  void answersThatNeverDifferStillLeaveDoubt() {
    double[] scores = hits(100, 0, 60);
    assertThat(PairedDrop.ofHits(scores, scores, 100).bound())
        .isEqualTo(PairedDrop.leastBound(100, 100))
        .isCloseTo(100 * 1.6449 * Math.sqrt(2) / 102, within(1e-3));
    assertThat(PairedDrop.leastBound(10_000, 100)).isLessThan(0.03);
  }

  /** The bound is over the true drop in about 95 of 100 experiments, at small drops, too. */
  @Test
  void boundCoversTheTrueDrop() {
    Random random = new Random(5);
    int covered = 0;
    int trials = 2000;
    for (int trial = 0; trial < trials; trial++) {
      double[] before = new double[400];
      double[] after = new double[400];
      for (int i = 0; i < before.length; i++) {
        double chance = random.nextDouble();
        before[i] = chance < 0.010 ? 1 : chance < 0.015 ? 0 : 1;
        after[i] = chance < 0.010 ? 0 : 1;
      }
      covered += PairedDrop.ofHits(before, after, 1).bound() >= 0.005 ? 1 : 0;
    }
    assertThat(covered / (double) trials).isBetween(0.93, 0.99);
  }

  /** Hits from {@code from} to before {@code to}, misses elsewhere. */
  private static double[] hits(int count, int from, int to) {
    double[] scores = new double[count];
    for (int i = from; i < to; i++) {
      scores[i] = 100;
    }
    return scores;
  }
}
