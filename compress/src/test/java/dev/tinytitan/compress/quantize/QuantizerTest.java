package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.OverBudgetException;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.Fingerprint;
import dev.tinytitan.compress.metric.MeanMetric;
import dev.tinytitan.compress.metric.Metric;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphRewriter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.onnx.OnnxWriter;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.DynamicQuantizeLinear;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.MatMulInteger;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class QuantizerTest {

  private static QuantizationOptions options(Scheme scheme) {
    QuantizationOptions options = QuantizationOptions.of(scheme).withThreads(1);
    return scheme == Scheme.MIXED ? options.withMaxBytes(1 << 20) : options;
  }

  private static QuantizationResult convolutions(Scheme scheme) {
    return new Quantizer(options(scheme))
        .quantize(TestGraphs.convolutions(), TestGraphs.images(32, 1), TestGraphs.images(32, 2));
  }

  private static QuantizationResult words(Scheme scheme) {
    return new Quantizer(options(scheme))
        .quantize(TestGraphs.words(), TestGraphs.ids(32, 1), TestGraphs.ids(32, 2));
  }

  private static long count(Graph graph, Class<?> operator) {
    return graph.nodes().stream().filter(node -> operator.isInstance(node.operator())).count();
  }

  private static long floats(Model model) {
    return model.graph().initializers().values().stream()
        .filter(tensor -> tensor.dtype() == DType.FLOAT32)
        .mapToLong(Tensor::size)
        .sum();
  }

  @ParameterizedTest
  @EnumSource
  void everySchemeKeepsTheAnswersOfAConvolutionalNetwork(Scheme scheme) {
    QuantizationResult result = convolutions(scheme);
    assertThat(result.evaluation().orElseThrow().after()).isGreaterThan(0.995);
    assertThat(result.layers()).isNotEmpty();
    assertThat(result.layers().get(0).signalToNoise())
        .isLessThanOrEqualTo(result.layers().getLast().signalToNoise());
  }

  @ParameterizedTest
  @EnumSource
  void everySchemeKeepsTheAnswersOfATransformersParts(Scheme scheme) {
    QuantizationResult result = words(scheme);
    assertThat(result.evaluation().orElseThrow().after()).isGreaterThan(0.98);
    assertThat(result.ratio()).isGreaterThan(scheme == Scheme.FP16 ? 1.8 : 2.9);
  }

  @ParameterizedTest
  @EnumSource
  void theSameGivesTheSameFileByteForByte(Scheme scheme) {
    Model one = words(scheme).model();
    Model other = words(scheme).model();
    assertThat(OnnxWriter.toBytes(one.graph(), one.info()))
        .isEqualTo(OnnxWriter.toBytes(other.graph(), other.info()));
  }

  @ParameterizedTest
  @EnumSource
  void noFloatCopyOfStoredWeightsRemains(Scheme scheme) {
    // What is left: scales, biases, and what is too small to be worth it.
    long before = floats(TestGraphs.words());
    assertThat(floats(words(scheme).model())).isLessThan(before / 6);
  }

  @Test
  void integersSurroundEveryNodeOfAConvolutionalNetwork() {
    Graph graph = convolutions(Scheme.INT8).model().graph();
    for (String name : List.of("conv", "depthwise", "point", "sum", "average", "dense")) {
      Node node =
          graph.nodes().stream().filter(n -> n.name().equals(name)).findFirst().orElseThrow();
      assertThat(node.inputs())
          .as(name)
          .allMatch(
              input -> graph.producer(input).orElseThrow().operator() instanceof DequantizeLinear);
    }
    // The input, three convolutions, the sum, the average, the Gemm and two that only move.
    assertThat(count(graph, QuantizeLinear.class)).isEqualTo(9);
  }

  @Test
  void theEngineComputesInIntegers() {
    try (var session = convolutions(Scheme.INT8).model().open()) {
      List<String> operators =
          session.graph().nodes().stream().map(node -> node.operator().spec().name()).toList();
      assertThat(operators)
          .contains("IntegerConv", "IntegerMatMul", "IntegerAdd", "IntegerGlobalAveragePool")
          .doesNotContain("Conv", "Gemm", "Add");
    }
  }

  @Test
  void movedValuesShareTheirScales() {
    Graph graph = convolutions(Scheme.INT8).model().graph();
    Node pool = graph.producer("pool").orElseThrow();
    Node before = graph.producer(pool.input(0)).orElseThrow();
    Node after = graph.consumers("pool").get(0);
    assertThat(after.operator()).isInstanceOf(QuantizeLinear.class);
    assertThat(after.input(1)).isEqualTo(before.input(1));
    assertThat(after.input(2)).isEqualTo(before.input(2));
  }

  @Test
  void anActivationIsQuantizedOnceForAllItsReaders() {
    Graph graph = words(Scheme.INT8_DYNAMIC).model().graph();
    assertThat(count(graph, DynamicQuantizeLinear.class)).isEqualTo(2);
    assertThat(count(graph, MatMulInteger.class)).isEqualTo(2);
  }

  @Test
  void fourBitsRaiseTheOpset() {
    assertThat(words(Scheme.INT4_WEIGHTS).opset()).isEqualTo(21);
    assertThat(words(Scheme.INT8_DYNAMIC).opset()).isEqualTo(17);
  }

  @Test
  void excludedNodesStayFloatAndKeepTheirWeights() {
    QuantizationOptions some = options(Scheme.INT8).withExclude(List.of("dep*wise", "dens?"));
    QuantizationResult result =
        new Quantizer(some)
            .quantize(TestGraphs.convolutions(), TestGraphs.images(16, 1), TestGraphs.images(8, 2));
    assertThat(result.excluded()).containsOnlyKeys("depthwise", "dense");
    assertThat(result.model().graph().initializers().get("dense_w"))
        .isEqualTo(TestGraphs.convolutions().graph().initializers().get("dense_w"));
    assertThat(result.model().graph().initializers()).doesNotContainKey("conv_w");
  }

  @Test
  void tiedWeightsAreStoredOnce() {
    Graph graph = TestGraphs.words().graph();
    Graph tied =
        graph.toBuilder()
            .nodes(
                graph.nodes().stream()
                    .map(node ->
                        node.name().equals("output")
                            ? Node.of(
                                "output", new Add(), List.of("down", "again"), List.of("output"))
                            : node)
                    .toList())
            .node(Node.of("again", new Gather(0), List.of("table", "ids"), List.of("again")))
            .build();
    Graph ordered = tied.toBuilder().nodes(GraphRewriter.topologicalOrder(tied.nodes())).build();
    for (Scheme scheme : List.of(Scheme.INT8_WEIGHTS, Scheme.INT4_WEIGHTS, Scheme.FP16)) {
      Graph small =
          new Quantizer(options(scheme))
              .quantize(Model.of(ordered, TestGraphs.words().info()))
              .model()
              .graph();
      assertThat(small.initializers().values().stream().filter(tensor -> tensor.size() == 6400))
          .as(scheme.label())
          .hasSize(1);
    }
  }

  @Test
  void theFewestLayersGoBackUntilTheBudgetHolds() {
    // The normalization's one large channel takes nearly all steps of the first product's input.
    QuantizationOptions plain = options(Scheme.INT8_DYNAMIC).withSmooth(Toggle.OFF);
    double drop =
        new Quantizer(plain)
            .quantize(TestGraphs.words(), TestGraphs.ids(8, 1), TestGraphs.ids(60, 2))
            .evaluation()
            .orElseThrow()
            .dropBound();
    QuantizationResult held =
        new Quantizer(plain.withMaxDrop(drop / 2))
            .quantize(TestGraphs.words(), TestGraphs.ids(8, 1), TestGraphs.ids(60, 2));
    assertThat(held.evaluation().orElseThrow().dropBound()).isLessThanOrEqualTo(drop / 2);
    assertThat(held.excluded()).containsExactly(Map.entry("up", "in float32 to hold the budget"));
    assertThat(held.model().graph().initializers()).containsKey("up_w");
  }

  /** A metric that writes down which samples it was asked about, and in which order. */
  private static final class Witness implements MeanMetric {
    private final Metric cosine = Metric.cosine();
    private final List<List<Long>> seen = new ArrayList<>();

    @Override
    public String name() {
      return cosine.name();
    }

    @Override
    public String unit() {
      return cosine.unit();
    }

    @Override
    public double scoreOne(
        Sample sample, Map<String, Tensor> outputs, Map<String, Tensor> reference) {
      Tensor ids = Objects.requireNonNull(sample.inputs().get("ids"));
      seen.add(Arrays.stream(ids.toLongArray()).boxed().toList());
      return cosine.observe(sample, outputs, reference)[0];
    }
  }

  @Test
  void budgetsAreJudgedOnSamplesThatNothingWasChosenBy() {
    QuantizationOptions plain = options(Scheme.INT8_DYNAMIC).withSmooth(Toggle.OFF);
    Samples calibration = TestGraphs.ids(8, 1);
    Samples evaluation = TestGraphs.ids(24, 2);
    double drop =
        new Quantizer(plain)
            .quantize(TestGraphs.words(), calibration, evaluation)
            .evaluation()
            .orElseThrow()
            .dropBound();
    Witness witness = new Witness();
    Evaluation held =
        new Quantizer(plain.withMetric(witness).withMaxDrop(drop / 3))
            .quantize(TestGraphs.words(), calibration, evaluation)
            .evaluation()
            .orElseThrow();
    assertThat(held.samples()).isEqualTo(16);
    Set<List<Long>> choosing = new LinkedHashSet<>(witness.seen.subList(0, 16));
    Set<List<Long>> judging =
        new LinkedHashSet<>(witness.seen.subList(witness.seen.size() - 32, witness.seen.size()));
    assertThat(choosing).hasSize(8).doesNotContainAnyElementsOf(judging);
    assertThat(judging).hasSize(16);
    // Once judged, nothing goes back to choosing.
    int firstJudged = witness.seen.indexOf(judging.iterator().next());
    assertThat(witness.seen.subList(0, firstJudged)).allMatch(choosing::contains);
    assertThat(witness.seen.subList(firstJudged, witness.seen.size())).allMatch(judging::contains);
  }

  @Test
  void aBudgetThatCannotBeHeldIsSaid() {
    Metric stubborn =
        new MeanMetric() {
          @Override
          public String name() {
            return "never the same";
          }

          @Override
          public String unit() {
            return "points";
          }

          @Override
          public double scoreOne(
              Sample sample, Map<String, Tensor> outputs, Map<String, Tensor> reference) {
            return outputs == reference ? 1 : 0;
          }
        };
    QuantizationOptions strict = options(Scheme.INT8_WEIGHTS).withMetric(stubborn).withMaxDrop(0.5);
    assertThatThrownBy(() ->
            new Quantizer(strict)
                .quantize(TestGraphs.words(), TestGraphs.ids(4, 1), TestGraphs.ids(6, 2)))
        .isInstanceOf(OverBudgetException.class)
        .hasMessageContaining("cannot be held to 0.5");
  }

  @Test
  void missingDataIsSaid() {
    assertThatThrownBy(
            () -> new Quantizer(options(Scheme.INT8)).quantize(TestGraphs.convolutions()))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("needs samples to calibrate with");
    assertThatThrownBy(() ->
            new Quantizer(options(Scheme.FP16).withMaxDrop(1)).quantize(TestGraphs.convolutions()))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("give more data");
  }

  @Test
  void damagedSamplesAreSaid() {
    float[] pixels = new float[432];
    pixels[17] = Float.NaN;
    assertRefused(
        Map.of("x", Tensor.of(pixels, 1, 3, 12, 12)),
        "Sample 0, input 'x', element 17 is NaN: take the sample out, or repair it.");
    assertRefused(Map.of("y", Tensor.of(new float[432], 1, 3, 12, 12)), "no input 'y'");
    assertRefused(Map.of("x", Tensor.of(new float[12], 1, 3, 2, 2)), "Sample 0 does not fit");
  }

  private static void assertRefused(Map<String, Tensor> inputs, String message) {
    Samples samples = Samples.of(List.of(Sample.of(inputs), Sample.of(inputs)));
    assertThatThrownBy(() ->
            new Quantizer(options(Scheme.INT8))
                .quantize(TestGraphs.convolutions(), samples, samples))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining(message);
  }

  @Test
  void anExclusionThatNamesNothingIsSaid() {
    assertThatThrownBy(() ->
            new Quantizer(options(Scheme.FP16).withExclude(List.of("dens")))
                .quantize(TestGraphs.convolutions()))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("No node of the model is named 'dens'");
  }

  @Test
  void splitsAreDisjointAndTheSameForTheSameSeed() {
    Samples samples = TestGraphs.ids(21, 1);
    List<Samples> parts = samples.split(0.5, 3);
    assertThat(parts.get(0).size()).isEqualTo(10);
    assertThat(parts.get(1).size()).isEqualTo(11);
    assertThat(Fingerprint.of(samples.split(0.5, 3).get(0)))
        .isEqualTo(Fingerprint.of(parts.get(0)))
        .isNotEqualTo(Fingerprint.of(samples.split(0.5, 4).get(0)));
  }

  @Test
  void accuracyIsJudgedOnLabels() {
    Samples images = TestGraphs.images(20, 2);
    Samples labelled = Samples.of(20, i -> Sample.of(images.get(i).inputs(), i % 10));
    Evaluation evaluation =
        new Quantizer(options(Scheme.FP16))
            .quantize(TestGraphs.convolutions(), Samples.none(), labelled)
            .evaluation()
            .orElseThrow();
    assertThat(evaluation.metric()).isEqualTo("accuracy");
    assertThat(evaluation.before()).isBetween(0.0, 100.0);
    assertThat(evaluation.drop()).isZero();
  }
}
