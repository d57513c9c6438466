package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.SmallImages;
import dev.tinytitan.compress.prune.SparseMethod;
import dev.tinytitan.compress.prune.SparseOptions;
import dev.tinytitan.compress.prune.SparsePattern;
import dev.tinytitan.compress.prune.SparsePruner;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training with rounded weights and activations, on images of four classes. */
class AwareTrainingTest {
  private static SmallImages images;
  private static Model model;

  @BeforeAll
  static void learnInFloat() {
    images = new SmallImages();
    model = images.learned(30);
  }

  private static QuantizationOptions bits(int bits) {
    return QuantizationOptions.of(Scheme.INT8).withWeightBits(bits).withThreads(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 4, 3, 2})
  void runsInIntegersAsInOnnxRuntime(int bits) {
    QuantizationResult result =
        new Quantizer(bits(bits))
            .withTraining(images.training(2))
            .quantize(model, images.samples, Samples.none());
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
        Sample sample = images.samples.get(i);
        assertThat(session.run(sample.inputs())).isEqualTo(other.run(sample));
      }
    }
  }

  @Test
  void recoversWhatTwoBitsLose() {
    double whole = images.accuracy(model);
    double rounded =
        images.accuracy(
            new Quantizer(bits(2)).quantize(model, images.samples, Samples.none()).model());
    double trained =
        images.accuracy(
            new Quantizer(bits(2))
                .withTraining(images.training(12))
                .quantize(model, images.samples, Samples.none())
                .model());
    assertThat(whole).isGreaterThan(0.8);
    assertThat(rounded).isLessThan(whole - 0.1);
    assertThat(trained).isGreaterThan(whole - 0.05);
  }

  @Test
  void isTheSameEachTime() {
    Quantizer quantizer = new Quantizer(bits(4)).withTraining(images.training(1));
    assertThat(quantizer.quantize(model, images.samples, Samples.none()).model().graph())
        .isEqualTo(quantizer.quantize(model, images.samples, Samples.none()).model().graph());
  }

  @Test
  void goesWithSchemesOfIntegers() {
    Quantizer weights = new Quantizer(QuantizationOptions.of(Scheme.INT8_WEIGHTS));
    assertThatThrownBy(() -> weights.withTraining(images.training(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("int8-weights");
  }

  @Test
  void zerosOfPrunedWeightsStay() {
    SparseOptions half =
        SparseOptions.of(new SparsePattern.Unstructured(), 0.5, SparseMethod.MAGNITUDE);
    Model pruned = new SparsePruner(half).prune(model).model();
    Model small =
        new Quantizer(bits(4))
            .withTraining(images.training(4))
            .quantize(pruned, images.samples, Samples.none())
            .model();
    int checked = 0;
    for (Tensor stored : small.graph().initializers().values()) {
      if (stored.dtype() == DType.INT4) {
        long zeros = IntStream.range(0, stored.size()).filter(i -> stored.getInt(i) == 0).count();
        assertThat(zeros).isGreaterThanOrEqualTo(stored.size() / 2 - 1);
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(1);
    Model untrained =
        new Quantizer(bits(4)).quantize(pruned, images.samples, Samples.none()).model();
    assertThat(images.accuracy(small)).isGreaterThan(images.accuracy(untrained) + 0.02);
  }
}
