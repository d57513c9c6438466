package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CalibratorTest {

  private static float[] normal(int count) {
    Random random = new Random(7);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static Histogram histogram(float[] values) {
    Histogram histogram = new Histogram();
    histogram.add(values, values.length);
    return histogram;
  }

  private static double error(float[] values, Range range) {
    ActivationScale scale = ActivationScale.of(range);
    double sum = 0;
    for (float value : values) {
      double difference = value - scale.roundTrip(value);
      sum += difference * difference;
    }
    return sum;
  }

  @Test
  void minMaxIsTheRangeWithZero() {
    assertThat(Calibrator.MIN_MAX.range(histogram(new float[] {-2, 5}), 99))
        .isEqualTo(new Range(-2, 5));
    assertThat(Calibrator.MIN_MAX.range(histogram(new float[] {4, 5}), 99))
        .isEqualTo(new Range(0, 5));
    assertThat(Calibrator.MIN_MAX.range(histogram(new float[] {-4, -3}), 99))
        .isEqualTo(new Range(-4, 0));
  }

  @Test
  void percentileLeavesOutTheRarestAtBothEnds() {
    float[] values = new float[10_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = i / 5000f - 1;
    }
    Range range = Calibrator.PERCENTILE.range(histogram(values), 90);
    assertThat(range.low()).isCloseTo(-0.9f, within(2e-3f));
    assertThat(range.high()).isCloseTo(0.9f, within(2e-3f));
  }

  @Test
  void percentileOfOneSidedValuesCutsOnlyThere() {
    float[] values = new float[10_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = i / 10_000f;
    }
    Range range = Calibrator.PERCENTILE.range(histogram(values), 90);
    assertThat(range.low()).isZero();
    assertThat(range.high()).isCloseTo(0.9f, within(2e-3f));
  }

  @Test
  void squaredErrorClipsALoneOutlierAndIsBetterForIt() {
    float[] values = normal(20_000);
    Histogram histogram = new Histogram();
    for (int i = 0; i < 50; i++) {
      histogram.add(values, values.length);
    }
    histogram.add(new float[] {60}, 1);
    Range range = Calibrator.MSE.range(histogram, 99);
    assertThat(range.high()).isBetween(3f, 40f);
    double widest = 50 * error(values, new Range((float) histogram.min(), 60));
    double missed = 60 - range.high();
    assertThat(50 * error(values, range) + missed * missed).isLessThan(0.7 * widest);
  }

  @Test
  void squaredErrorKeepsAnEvenDistribution() {
    float[] values = new float[4096];
    for (int i = 0; i < values.length; i++) {
      values[i] = i / 4096f * 6 - 3;
    }
    Range range = Calibrator.MSE.range(histogram(values), 99);
    assertThat(range.low()).isCloseTo(-3, within(0.05f));
    assertThat(range.high()).isCloseTo(3, within(0.05f));
  }

  @Test
  void entropyClipsALoneOutlierButNotTheBulk() {
    float[] values = normal(50_000);
    values[0] = 40;
    Range range = Calibrator.ENTROPY.range(histogram(values), 99);
    assertThat(range.high()).isBetween(2.5f, 30f);
  }

  @Test
  void entropyIsNotMisledByARectifiersZeros() {
    float[] values = normal(50_000);
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 4 == 0 ? Math.abs(values[i]) : 0;
    }
    Range range = Calibrator.ENTROPY.range(histogram(values), 99);
    assertThat(range.low()).isZero();
    assertThat(range.high()).isBetween(2.5f, 4.5f);
  }

  @ParameterizedTest
  @EnumSource
  void nothingAndZerosAreARangeOfZero(Calibrator calibrator) {
    assertThat(calibrator.range(new Histogram(), 99)).isEqualTo(new Range(0, 0));
    Range zeros = calibrator.range(histogram(new float[100]), 99);
    assertThat(zeros).isEqualTo(new Range(0, 0));
    assertThat(ActivationScale.of(zeros)).isEqualTo(new ActivationScale(1, 0));
  }

  @ParameterizedTest
  @EnumSource
  void everyLabelNamesItsCalibrator(Calibrator calibrator) {
    assertThat(Calibrator.of(calibrator.label())).isSameAs(calibrator);
  }

  @Test
  void anUnknownLabelIsAnsweredWithAllThatThereAre() {
    assertThatThrownBy(() -> Calibrator.of("max"))
        .hasMessage("There is no calibrator 'max'; there are minmax, percentile, entropy, mse.");
    assertThatThrownBy(() -> Scheme.of("int3"))
        .hasMessage(
            "There is no scheme 'int3'; there are int8, int8-dynamic, int8-weights,"
                + " int4-weights, mixed, clusters, fp16.");
  }

  @Test
  void zeroIsExactInEveryScale() {
    for (Range range : new Range[] {new Range(-1, 3), new Range(-0.013f, 250), new Range(-7, 0)}) {
      ActivationScale scale = ActivationScale.of(range);
      assertThat(scale.roundTrip(0)).isZero();
      assertThat(scale.roundTrip(range.high()))
          .isCloseTo(range.high(), within((double) scale.scale()));
      assertThat(scale.roundTrip(range.low()))
          .isCloseTo(range.low(), within((double) scale.scale()));
    }
  }
}
