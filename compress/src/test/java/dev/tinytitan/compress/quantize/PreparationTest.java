package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.Similarity;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Value;
import dev.tinytitan.ir.Verifier;
import dev.tinytitan.op.Mul;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PreparationTest {

  private static double signalToNoise(Model model, Graph changed, Samples samples) {
    Similarity similarity = new Similarity();
    for (int i = 0; i < samples.size(); i++) {
      List<Tensor> inputs = List.copyOf(samples.get(i).inputs().values());
      similarity.add(
          Interpreter.run(model.graph(), inputs).get(0), Interpreter.run(changed, inputs).get(0));
    }
    return similarity.signalToNoise();
  }

  private static Calibration observe(Model model, Map<String, Integer> channels, Samples samples) {
    return Calibration.run(
        model.graph(), model.info(), List.of(), channels, samples, 1, Progress.NONE);
  }

  private static double unevenness(Tensor weights, int channels) {
    float least = Float.POSITIVE_INFINITY;
    float most = 0;
    for (int channel = 0; channel < channels; channel++) {
      float range = 0;
      for (int i = 0; i < weights.size() / channels; i++) {
        range =
            Math.max(range, Math.abs(weights.getFloat(channel * weights.size() / channels + i)));
      }
      least = Math.min(least, range);
      most = Math.max(most, range);
    }
    return most / least;
  }

  /** The convolutions with one channel between the first two made a thousand times smaller. */
  private static Model uneven() {
    Model model = TestGraphs.convolutions();
    float[] weights = model.graph().initializers().get("conv_w").toFloatArray();
    for (int i = 0; i < 27; i++) {
      weights[i] /= 1000;
    }
    return Model.of(
        model.graph().toBuilder().initializer("conv_w", Tensor.of(weights, 16, 3, 3, 3)).build(),
        model.info());
  }

  @Test
  void equalizationByWeightsKeepsTheOutputs() {
    // The first convolution is read twice, so that only depthwise → point can be equalized.
    Model model = uneven();
    Graph equal = CrossLayerEqualization.byWeights(model.graph());
    assertThat(equal.initializers().get("point_w"))
        .isNotEqualTo(model.graph().initializers().get("point_w"));
    assertThat(equal.initializers().get("conv_w"))
        .isEqualTo(model.graph().initializers().get("conv_w"));
    assertThat(signalToNoise(model, equal, TestGraphs.images(4, 1))).isGreaterThan(90);
  }

  @Test
  void equalizationByWeightsEvensRangesOut() {
    Model model = TestGraphs.convolutions();
    float[] weights = model.graph().initializers().get("depthwise_w").toFloatArray();
    for (int i = 0; i < 9; i++) {
      weights[i] *= 1000;
    }
    Graph before =
        model.graph().toBuilder()
            .initializer("depthwise_w", Tensor.of(weights, 16, 1, 3, 3))
            .build();
    Graph after = CrossLayerEqualization.byWeights(before);
    assertThat(unevenness(before.initializers().get("depthwise_w"), 16)).isGreaterThan(500);
    assertThat(unevenness(after.initializers().get("depthwise_w"), 16)).isLessThan(100);
    assertThat(signalToNoise(Model.of(before, model.info()), after, TestGraphs.images(4, 1)))
        .isGreaterThan(90);
  }

  @Test
  void equalizationByActivationsKeepsTheOutputsAndEvensChannels() {
    Model model = TestGraphs.convolutions();
    Samples images = TestGraphs.images(8, 1);
    Map<String, Integer> observed = CrossLayerEqualization.observed(model.graph());
    assertThat(observed).containsKey("depthwise_relu");
    Graph equal =
        CrossLayerEqualization.byActivations(model.graph(), observe(model, observed, images), 1);
    assertThat(signalToNoise(model, equal, images)).isGreaterThan(90);
    float[] greatest =
        observe(Model.of(equal, model.info()), observed, images)
            .channels("depthwise_relu")
            .greatest();
    for (float channel : greatest) {
      assertThat(channel / greatest[0]).isBetween(0.99f, 1.01f);
    }
  }

  @Test
  void smoothingGoesIntoANormalizationWhereItCan() {
    Model model = TestGraphs.words();
    Selection all = new Selection(model.graph(), node -> true);
    Samples ids = TestGraphs.ids(8, 1);
    Calibration channels = observe(model, ActivationSmoothing.observed(model.graph(), all), ids);
    Graph smooth = ActivationSmoothing.apply(model.graph(), all, channels, 0.5);
    Verifier.verify(smooth);
    assertThat(signalToNoise(model, smooth, ids)).isGreaterThan(90);
    assertThat(smooth.initializers().get("gamma"))
        .isNotEqualTo(model.graph().initializers().get("gamma"));
    assertThat(smooth.producer("up").orElseThrow().input(0)).isEqualTo("normal");
    // A rectifier takes no factor, so that the second product gets a multiplication.
    String input = smooth.producer("down").orElseThrow().input(0);
    assertThat(smooth.producer(input).orElseThrow().operator()).isInstanceOf(Mul.class);
  }

  @Test
  void correctedBiasesTakeOutTheMeanErrorOfRoundedWeights() {
    Model model = TestGraphs.words();
    Samples ids = TestGraphs.ids(40, 1);
    Calibration channels = observe(model, BiasCorrection.observed(model.graph()), ids);
    Tensor rounded =
        BlockQuantized.quantize(model.graph().initializers().get("up_w"), 0, 64, null).dequantize();
    Graph small = model.graph().toBuilder().initializer("up_w", rounded).build();
    Graph corrected =
        BiasCorrection.apply(
            model.graph(),
            channels,
            slot -> slot.constant().equals("up_w") ? Optional.of(rounded) : Optional.empty());
    assertThat(corrected.initializers().get("up_w"))
        .isEqualTo(model.graph().initializers().get("up_w"));
    Graph both =
        small.toBuilder().initializer("up_b", corrected.initializers().get("up_b")).build();
    double[] errors = new double[2];
    for (int i = 0; i < ids.size(); i++) {
      List<Tensor> inputs = List.copyOf(ids.get(i).inputs().values());
      double truth = sum(model.graph(), inputs);
      errors[0] += sum(small, inputs) - truth;
      errors[1] += sum(both, inputs) - truth;
    }
    assertThat(Math.abs(errors[1])).isLessThan(0.01 * Math.abs(errors[0]));
  }

  private static double sum(Graph graph, List<Tensor> inputs) {
    Graph biased = graph.toBuilder().outputs(List.of(Value.of("up_biased", null))).build();
    double sum = 0;
    for (float value : Interpreter.run(biased, inputs).get(0).toFloatArray()) {
      sum += value;
    }
    return sum;
  }
}
