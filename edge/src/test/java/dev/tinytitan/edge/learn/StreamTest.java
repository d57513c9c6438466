package dev.tinytitan.edge.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StreamTest {
  @Test
  void pageHinkleyHearsARiseAndNothingElse() {
    PageHinkley detector = new PageHinkley(0.1, 10, 30);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 3000; i++) {
      assertThat(detector.add(random.nextDouble(-0.5, 0.5))).isFalse();
    }
    int heard = -1;
    for (int i = 0; i < 200 && heard < 0; i++) {
      heard = detector.add(1 + random.nextDouble(-0.5, 0.5)) ? i : -1;
    }
    assertThat(heard).isBetween(1, 60);
    assertThat(detector.add(Double.NaN)).isFalse();
  }

  @Test
  void adwinForgetsWhatWasBeforeAChange() {
    Adwin window = new Adwin(0.002);
    SplittableRandom random = new SplittableRandom(2);
    int alarms = 0;
    for (int i = 0; i < 2000; i++) {
      alarms += window.add(random.nextDouble() < 0.9 ? 1 : 0) ? 1 : 0;
    }
    assertThat(alarms).isZero();
    assertThat(window.size()).isEqualTo(2000);
    int heard = -1;
    for (int i = 0; i < 400; i++) {
      boolean alarm = window.add(random.nextDouble() < 0.5 ? 1 : 0);
      heard = heard < 0 && alarm ? i : heard;
    }
    assertThat(heard).isBetween(1, 150);
    assertThat(window.mean()).isBetween(0.35, 0.65);
    assertThat(window.size()).isLessThan(600);
  }

  @Test
  void mahalanobisKnowsTheDirectionsOfData() {
    MahalanobisScore score = new MahalanobisScore(2);
    SplittableRandom random = new SplittableRandom(3);
    assertThat(score.score(new float[2])).isNaN();
    for (int i = 0; i < 2000; i++) {
      float along = (float) (5 * random.nextGaussian());
      float across = (float) (0.5 * random.nextGaussian());
      score.add(new float[] {along + across, along - across});
    }
    score.add(new float[] {Float.NaN, 0});
    assertThat(score.count()).isEqualTo(2000);
    assertThat(score.score(new float[] {6, 6})).isLessThan(1.5);
    assertThat(score.score(new float[] {6, -6})).isGreaterThan(3);
    assertThat(score.score(new float[] {Float.NaN, 0})).isInfinite();
  }

  @Test
  void autoencoderFindsWhatDoesNotFit() {
    SplittableRandom random = new SplittableRandom(4);
    try (StreamingAutoencoder encoder = new StreamingAutoencoder(8, 2, 1)) {
      double usual = 0;
      for (int i = 0; i < 600; i++) {
        double score = encoder.add(wave(random.nextDouble(6.28), 1));
        usual = i >= 500 ? Math.max(usual, score) : usual;
      }
      assertThat(encoder.add(wave(1, 3))).isGreaterThan(2 * usual);
      float[] bad = wave(1, 1);
      bad[3] = Float.NaN;
      assertThat(encoder.add(bad)).isInfinite();
      assertThat(encoder.add(wave(2, 1))).isLessThan(2 * usual);
    }
  }

  private static float[] wave(double phase, int times) {
    float[] values = new float[8];
    for (int i = 0; i < 8; i++) {
      values[i] = (float) Math.sin(phase + times * i * Math.PI / 4);
    }
    return values;
  }

  @Test
  void monitorHearsAnotherPerson() {
    Model model = Clouds.trained(4);
    try (StreamMonitor monitor = StreamMonitor.of(model)) {
      Clouds known = new Clouds(5, 0, 1);
      for (int i = 0; i < 200; i++) {
        monitor.addUsual(known.sample(i % 4));
      }
      double usual = 0;
      for (int i = 0; i < 200; i++) {
        StreamMonitor.Observation seen = monitor.observe(known.sample(i % 4));
        assertThat(seen.inputDrifts()).isFalse();
        usual += seen.novelty() / 200;
      }
      Clouds other = new Clouds(6, 1.2, 1.5);
      boolean input = false;
      double unusual = 0;
      for (int i = 0; i < 200; i++) {
        StreamMonitor.Observation seen = monitor.observe(other.sample(i % 4));
        input |= seen.inputDrifts();
        unusual += seen.novelty() / 200;
      }
      assertThat(input).isTrue();
      assertThat(unusual).isGreaterThan(1.3 * usual);
    }
  }
}
