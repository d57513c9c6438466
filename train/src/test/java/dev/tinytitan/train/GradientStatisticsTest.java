package dev.tinytitan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GradientStatisticsTest {
  private static final int SAMPLES = 5;
  private static final double STEP = 1e-2;

  private static TrainingData data() {
    Random random = new Random(3);
    float[] samples = new float[SAMPLES * 12];
    float[] targets = new float[SAMPLES * 2];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < targets.length; i++) {
      targets[i] = (float) random.nextGaussian();
    }
    return new TrainingData(SAMPLES, samples, 12, new int[0], targets);
  }

  /** Squared errors of each sample, as inference computes them. */
  private static double[] losses(Model model, TrainingData data) {
    double[] losses = new double[SAMPLES];
    try (Session session = model.open()) {
      for (int i = 0; i < SAMPLES; i++) {
        float[] sample = Arrays.copyOfRange(data.samples(), i * 12, i * 12 + 12);
        Tensor output =
            session.run(Map.of("input", Tensor.of(sample, 1, 2, 6))).values().iterator().next();
        for (int j = 0; j < 2; j++) {
          double error = output.getDouble(j) - data.targets()[2 * i + j];
          losses[i] += error * error / 2;
        }
      }
    }
    return losses;
  }

  private static Model with(Model model, String name, Tensor tensor) {
    return Model.of(model.graph().toBuilder().initializer(name, tensor).build(), model.info());
  }

  /** Against differences of what inference says: normalizations stand still, nothing is dropped. */
  @Test
  void theyAreThoseOfInferenceSampleBySample() {
    Network network = new Network("n", 1);
    Model model =
        network.model(
            network.input(2, 6).conv(3, 3, 1).batchNorm().tanh().dropout(0.5).flatten().dense(2));
    TrainingData data = data();
    GradientStatistics statistics = GradientStatistics.of(model, data, Loss.meanSquaredError(), 1);
    String weights =
        model.graph().nodes().stream()
            .filter(node -> node.operator().spec().name().equals("Conv"))
            .findFirst()
            .orElseThrow()
            .input(1);
    double[] mean = statistics.mean(weights).orElseThrow();
    double[] square = statistics.meanSquare(weights).orElseThrow();
    Tensor before = model.graph().initializers().get(weights);
    assertThat(mean).hasSize(before.size());
    for (int i = 0; i < before.size(); i += 5) {
      double[][] moved = new double[2][];
      for (int side = 0; side < 2; side++) {
        float[] values = before.toFloatArray();
        values[i] += (float) (side == 0 ? STEP : -STEP);
        Tensor changed = Tensor.of(values, before.shape().toArray());
        moved[side] = losses(with(model, weights, changed), data);
      }
      double sum = 0;
      double squares = 0;
      for (int sample = 0; sample < SAMPLES; sample++) {
        double gradient = (moved[0][sample] - moved[1][sample]) / (2 * STEP);
        sum += gradient / SAMPLES;
        squares += gradient * gradient / SAMPLES;
      }
      assertThat(mean[i]).isCloseTo(sum, within(2e-3 + 0.02 * Math.abs(sum)));
      assertThat(square[i]).isCloseTo(squares, within(2e-3 + 0.04 * squares));
    }
    assertThat(statistics.mean("input")).isEmpty();
  }
}
