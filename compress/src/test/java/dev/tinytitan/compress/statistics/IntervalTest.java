package dev.tinytitan.compress.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class IntervalTest {

  /** Figures of the worked example in Newcombe 1998, table I: 81 of 263. */
  @Test
  void wilsonsInterval() {
    Interval interval = Interval.ofShare(81, 263);
    assertThat(interval.value()).isCloseTo(0.3080, within(1e-4));
    assertThat(interval.low()).isCloseTo(0.2553, within(1e-4));
    assertThat(interval.high()).isCloseTo(0.3662, within(1e-4));
  }

  @Test
  void sharesAtTheEndsHaveAnInterval() {
    assertThat(Interval.ofShare(0, 20).low()).isZero();
    assertThat(Interval.ofShare(0, 20).high()).isCloseTo(0.1611, within(1e-4));
    assertThat(Interval.ofShare(20, 20).high()).isEqualTo(1);
  }

  /** Student's t has the 97.5 % quantile 2.2622 at 9 degrees of freedom. */
  @Test
  void meanWithStudentsInterval() {
    Interval interval = Interval.ofMean(new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    assertThat(interval.value()).isEqualTo(5.5, within(1e-12));
    assertThat(interval.high() - interval.value())
        .isCloseTo(2.2622 * 3.02765 / Math.sqrt(10), within(0.005));
  }

  @Test
  void oneValueSaysNothingAboutItsSpread() {
    assertThat(Interval.ofMean(new double[] {3}))
        .isEqualTo(new Interval(3, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY));
  }
}
