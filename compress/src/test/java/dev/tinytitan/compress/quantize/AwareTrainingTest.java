package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.compress.FineTuning;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.data.DatasetOptions;
import dev.tinytitan.data.ImageLayout;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.train.Evaluation;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Network;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training with rounded weights and activations, on images of four classes. */
class AwareTrainingTest {
  private static final DatasetOptions SMALL =
      DatasetOptions.DEFAULT.withImage(ImageLayout.of(1, 12, 12).scaled());

  private static TrainingData train;
  private static TrainingData test;
  private static Samples samples;
  private static Model model;

  @BeforeAll
  static void learnInFloat() {
    try (Dataset images = Dataset.open(Path.of("synthetic:images:700"), SMALL)) {
      TrainingData all = TrainingData.of(images);
      train = all.select(IntStream.range(0, 500).toArray());
      test = all.select(IntStream.range(500, 700).toArray());
      samples = Samples.of(images.inMemory(), "input").first(64);
    }
    Network network = new Network("small", 3);
    Layer x = network.input(1, 12, 12).conv(8, 3, 1).batchNorm().relu();
    Layer y = x.conv(8, 3, 1).batchNorm().add(x).relu().maxPool(2).conv(16, 3, 1).relu();
    model = fit(network.classifier(y.flatten().dense(4)), 30);
  }

  private static TrainingOptions options(int epochs) {
    return TrainingOptions.of(Loss.crossEntropy())
        .withBatch(20)
        .withEpochs(epochs)
        .withOptimizer(Optimizer.adamW(3e-3))
        .withThreads(1);
  }

  private static Model fit(Model network, int epochs) {
    try (Trainer trainer = Trainer.of(network, options(epochs))) {
      return trainer.fit(train, Optional.empty(), TrainingListener.SILENT).model();
    }
  }

  private static FineTuning training(int epochs) {
    return FineTuning.of(options(epochs), train, Optional.empty(), TrainingListener.SILENT);
  }

  private static QuantizationOptions bits(int bits) {
    return QuantizationOptions.of(Scheme.INT8).withWeightBits(bits).withThreads(1);
  }

  private static double accuracy(Model any) {
    return Evaluation.score(any, test, SessionOptions.defaults());
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 4, 3, 2})
  void runsInIntegersAsInOnnxRuntime(int bits) {
    QuantizationResult result =
        new Quantizer(bits(bits))
            .withTraining(training(2))
            .quantize(model, samples, Samples.none());
    assertThat(result.steps()).contains("train with rounded weights and activations");
    Model small = result.model();
    DType packed = bits == 8 ? DType.INT8 : bits == 2 ? DType.INT2 : DType.INT4;
    assertThat(small.graph().initializers().values().stream().filter(t -> t.size() > 1000))
        .isNotEmpty()
        .allMatch(tensor -> tensor.dtype() == packed);
    try (Session session = small.open()) {
      assertThat(session.graph().nodes().stream().map(node -> node.operator().spec().name()))
          .contains("IntegerConv", "IntegerAdd")
          .doesNotContain("Conv", "Gemm", "FakeQuantize");
    }
    // The scores before the softmax, which is float.
    Graph graph = small.graph();
    String output = graph.outputs().getFirst().name();
    String scores = graph.producer(output).orElseThrow().input(0);
    assertThat(graph.producer(scores).orElseThrow().operator())
        .isInstanceOf(DequantizeLinear.class);
    Model integers =
        Model.of(
            graph.toBuilder()
                .nodes(graph.nodes().stream().filter(n -> !n.output().equals(output)).toList())
                .outputs(List.of(Value.of(scores, graph.outputs().getFirst().type())))
                .build(),
            small.info());
    try (Session session = integers.open();
        OnnxRuntime other = new OnnxRuntime(integers)) {
      for (int i = 0; i < 32; i++) {
        Sample sample = samples.get(i);
        assertThat(session.run(sample.inputs())).isEqualTo(other.run(sample));
      }
    }
  }

  @Test
  void recoversWhatTwoBitsLose() {
    double whole = accuracy(model);
    double rounded =
        accuracy(new Quantizer(bits(2)).quantize(model, samples, Samples.none()).model());
    double trained =
        accuracy(
            new Quantizer(bits(2))
                .withTraining(training(12))
                .quantize(model, samples, Samples.none())
                .model());
    assertThat(whole).isGreaterThan(0.8);
    assertThat(rounded).isLessThan(whole - 0.1);
    assertThat(trained).isGreaterThan(whole - 0.05);
  }

  @Test
  void isTheSameEachTime() {
    Quantizer quantizer = new Quantizer(bits(4)).withTraining(training(1));
    assertThat(quantizer.quantize(model, samples, Samples.none()).model().graph())
        .isEqualTo(quantizer.quantize(model, samples, Samples.none()).model().graph());
  }

  @Test
  void goesWithSchemesOfIntegers() {
    Quantizer weights = new Quantizer(QuantizationOptions.of(Scheme.INT8_WEIGHTS));
    assertThatThrownBy(() -> weights.withTraining(training(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("int8-weights");
  }
}
