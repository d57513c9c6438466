package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HistogramTest {

  private static Histogram of(float[]... batches) {
    Histogram histogram = new Histogram();
    for (float[] batch : batches) {
      histogram.add(batch, batch.length);
    }
    return histogram;
  }

  private static float[] normal(long seed, int count, double scale) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return values;
  }

  @Test
  void keepsEveryValueInConstantMemory() {
    Histogram histogram = new Histogram();
    for (int batch = 0; batch < 40; batch++) {
      histogram.add(normal(batch, 500, Math.pow(2, batch - 20)), 500);
      assertThat(histogram.bins()).isLessThanOrEqualTo(Histogram.MAX_BINS);
    }
    long sum = 0;
    for (int i = 0; i < histogram.bins(); i++) {
      sum += histogram.count(i);
    }
    assertThat(sum).isEqualTo(20_000).isEqualTo(histogram.total());
  }

  @Test
  void doesNotDependOnTheOrderOfValues() {
    float[] small = normal(1, 300, 0.01);
    float[] large = normal(2, 300, 50);
    float[] shifted = {100, 101, 102.5f};
    Histogram one = of(small, large, shifted);
    Histogram other = of(shifted, large, small);
    assertThat(one.bins()).isEqualTo(other.bins());
    for (int i = 0; i < one.bins(); i++) {
      assertThat(one.edge(i)).isEqualTo(other.edge(i));
      assertThat(one.count(i)).isEqualTo(other.count(i));
    }
  }

  @Test
  void binsHoldTheValuesBetweenTheirEdges() {
    float[] values = normal(3, 1000, 2);
    Histogram histogram = of(values);
    for (int i = 0; i < histogram.bins(); i++) {
      long inside = 0;
      for (float value : values) {
        inside += value >= histogram.edge(i) && value < histogram.edge(i + 1) ? 1 : 0;
      }
      assertThat(histogram.count(i)).as("bin %d", i).isEqualTo(inside);
    }
  }

  @Test
  void quantilesOfEvenlySpreadValues() {
    float[] values = new float[10_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = i / 10_000f;
    }
    Histogram histogram = of(values);
    assertThat(histogram.quantile(0)).isZero();
    assertThat(histogram.quantile(1)).isEqualTo(1);
    assertThat(histogram.quantile(0.25)).isCloseTo(0.25, within(1e-3));
    assertThat(histogram.quantile(0.999)).isCloseTo(0.999, within(1e-3));
  }

  @Test
  void oneValueOverAndOverIsOneBin() {
    Histogram histogram = of(new float[] {3, 3}, new float[] {3});
    assertThat(histogram.bins()).isEqualTo(1);
    assertThat(histogram.count(0)).isEqualTo(3);
    assertThat(histogram.center(0)).isEqualTo(3);
    assertThat(of(new float[] {0, 0}).bins()).isEqualTo(1);
    assertThat(of(new float[0]).total()).isZero();
  }
}
