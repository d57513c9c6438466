package dev.tinytitan.compress.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.BadDataException;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.statistics.Interval;
import dev.tinytitan.compress.statistics.PairedDrop;
import dev.tinytitan.tensor.Tensor;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MetricTest {

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

  private static Sample of(int label) {
    return Sample.of(Map.of("x", Tensor.of(new float[] {0})), label);
  }

  private static Map<String, Tensor> output(float... values) {
    return Map.of("y", Tensor.of(values, 1, values.length));
  }

  private static double[][] observe(Metric metric, int[] labels, float[][] outputs) {
    double[][] answers = new double[labels.length][];
    for (int i = 0; i < answers.length; i++) {
      answers[i] = metric.observe(of(labels[i]), output(outputs[i]), Map.of());
    }
    return answers;
  }

  @Test
  void macroF1CountsRareClassesAsMuchAsFrequentOnes() {
    Metric metric = Metric.macroF1();
    double[][] answers =
        observe(metric, new int[] {0, 0, 0, 1}, new float[][] {{1, 0}, {1, 0}, {1, 0}, {1, 0}});
    assertThat(metric.score(answers)).isCloseTo(100 * (6.0 / 7) / 2, within(1e-9));
    assertThat(metric.format(metric.score(answers))).isEqualTo("42.86 %");
  }

  @Test
  void areaUnderTheCurveCountsPairsInOrder() {
    Metric metric = Metric.areaUnderCurve();
    // Of 2 times 3 pairs, 4 are in order and one is a tie.
    double[][] answers =
        observe(
            metric,
            new int[] {1, 1, 0, 0, 0},
            new float[][] {{0, 3}, {0, 1}, {0, 1}, {0, 0}, {0, 2}});
    assertThat(metric.score(answers)).isCloseTo(4.5 / 6, within(1e-12));
    double[][] three =
        observe(
            metric,
            new int[] {0, 1, 2, 2},
            new float[][] {{3, 0, 0}, {0, 3, 0}, {0, 0, 3}, {0, 0, 4}});
    assertThat(metric.score(three)).isEqualTo(1);
  }

  @Test
  void errorsAreInTheUnitOfTheTargets() {
    Sample sample = Sample.of(Map.of("x", Tensor.of(new float[] {0})), Tensor.of(new float[] {10}));
    double[][] answers = new double[2][];
    Metric metric = Metric.error(ErrorKind.RMSE);
    answers[0] = metric.observe(sample, output(13), Map.of());
    answers[1] = metric.observe(sample, output(6), Map.of());
    assertThat(metric.score(answers)).isCloseTo(Math.sqrt(12.5), within(1e-9));
    assertThat(metric.isError()).isTrue();
    Metric absolute = Metric.error(ErrorKind.MAE);
    assertThat(absolute.observe(sample, output(13), Map.of())).containsExactly(3);
  }

  @Test
  void anAutoencoderIsComparedWithItsInput() {
    Sample sample = Sample.of(Map.of("x", Tensor.of(new float[] {1, 2}, 1, 2)));
    Metric metric = Metric.error(ErrorKind.MSE);
    assertThat(metric.observe(sample, output(2, 4), Map.of())).containsExactly(2.5);
    assertThatThrownBy(() -> metric.observe(sample, output(1, 2, 3), Map.of()))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("3 values", "2 values");
  }

  /** A root mean square of errors drawn from one normal distribution has a known deviation. */
  @Test
  void theBootstrapFindsHowSureAFigureIs() {
    Metric metric = Metric.error(ErrorKind.RMSE);
    Random random = new Random(1);
    int count = 2000;
    double[][] before = new double[count][];
    double[][] after = new double[count][];
    for (int i = 0; i < count; i++) {
      double error = random.nextGaussian();
      before[i] = new double[] {error * error};
      after[i] = new double[] {1.21 * error * error};
    }
    Interval interval = metric.interval(before);
    double deviation = 1 / Math.sqrt(2.0 * count);
    assertThat(interval.high() - interval.low()).isCloseTo(2 * 1.96 * deviation, within(0.012));
    PairedDrop drop = metric.drop(before, after);
    assertThat(drop.mean()).isCloseTo(0.1 * metric.score(before), within(1e-9));
    // Errors that grow by a tenth each are sure to be worse, however much they vary.
    assertThat(drop.bound()).isBetween(drop.mean(), drop.mean() + 0.1 * 3 * deviation);
    assertThat(metric.drop(before, before).bound()).isZero();
  }

  @Test
  void namesAreThoseOfTheCommandLine() {
    for (String name : Metric.NAMES) {
      assertThat(Metric.named(name).name().toLowerCase(Locale.ROOT)).contains(name);
    }
    assertThatThrownBy(() -> Metric.named("luck"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("accuracy, f1, auc, rmse, mse, mae, cosine");
  }
}
