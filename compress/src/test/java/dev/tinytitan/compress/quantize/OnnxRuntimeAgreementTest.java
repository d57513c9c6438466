package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.Similarity;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written here runs in ONNX Runtime and gives the same there. */
class OnnxRuntimeAgreementTest {

  private static Model quantize(Model model, Scheme scheme, Samples samples) {
    QuantizationOptions options = QuantizationOptions.of(scheme).withThreads(1);
    return new Quantizer(scheme == Scheme.MIXED ? options.withMaxBytes(1 << 20) : options)
        .quantize(model, samples, Samples.none())
        .model();
  }

  private static double cosine(Model model, Samples samples) {
    Similarity similarity = new Similarity();
    try (Session session = model.open();
        OnnxRuntime other = new OnnxRuntime(model)) {
      for (int i = 0; i < samples.size(); i++) {
        Map<String, Tensor> theirs = other.run(samples.get(i));
        Map<String, Tensor> ours = session.run(samples.get(i).inputs());
        ours.forEach((name, tensor) -> similarity.add(tensor, theirs.get(name)));
      }
    }
    return similarity.cosine();
  }

  @ParameterizedTest
  @EnumSource
  void convolutionsAgree(Scheme scheme) {
    Model small = quantize(TestGraphs.convolutions(), scheme, TestGraphs.images(16, 1));
    assertThat(cosine(small, TestGraphs.images(16, 2))).isGreaterThan(0.9999);
  }

  @ParameterizedTest
  @EnumSource
  void wordsAgree(Scheme scheme) {
    Model small = quantize(TestGraphs.words(), scheme, TestGraphs.ids(16, 1));
    assertThat(cosine(small, TestGraphs.ids(16, 2))).isGreaterThan(0.9999);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 3, 2})
  void packedWeightsAgree(int bits) {
    QuantizationOptions options =
        QuantizationOptions.of(Scheme.INT8)
            .withWeightBits(bits)
            .withRounding(Rounding.GPTQ)
            .withThreads(1);
    Model small =
        new Quantizer(options)
            .quantize(TestGraphs.convolutions(), TestGraphs.images(16, 1), Samples.none())
            .model();
    try (Session session = small.open()) {
      assertThat(session.graph().nodes().stream().map(node -> node.operator().spec().name()))
          .contains("IntegerConv", "IntegerMatMul")
          .doesNotContain("Conv", "Gemm");
    }
    assertThat(cosine(small, TestGraphs.images(16, 2))).isGreaterThan(0.9999);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 16, 32})
  void codebooksAgree(int clusters) {
    QuantizationOptions options =
        QuantizationOptions.of(Scheme.CLUSTERS).withClusters(clusters).withThreads(1);
    Model small = new Quantizer(options).quantize(TestGraphs.words()).model();
    assertThat(cosine(small, TestGraphs.ids(16, 2))).isGreaterThan(0.9999);
  }

  @Test
  void mixedBitsAgree() {
    QuantizationOptions options =
        QuantizationOptions.of(Scheme.MIXED).withMaxBytes(15_000).withThreads(1);
    Model small =
        new Quantizer(options)
            .quantize(TestGraphs.words(), TestGraphs.ids(16, 1), Samples.none())
            .model();
    assertThat(cosine(small, TestGraphs.ids(16, 2))).isGreaterThan(0.9999);
  }

  @Test
  void integersAgreeToTheStep() {
    Model small = quantize(TestGraphs.convolutions(), Scheme.INT8, TestGraphs.images(16, 1));
    // The scores before the softmax, which is float.
    Graph graph = small.graph();
    String scores = graph.producer("output").orElseThrow().input(0);
    assertThat(graph.producer(scores).orElseThrow().operator())
        .isInstanceOf(DequantizeLinear.class);
    Model integers =
        Model.of(
            graph.toBuilder()
                .nodes(
                    graph.nodes().stream().filter(node -> !node.output().equals("output")).toList())
                .outputs(List.of(Value.of(scores, graph.outputs().get(0).type())))
                .build(),
            small.info());
    try (Session session = integers.open();
        OnnxRuntime other = new OnnxRuntime(integers)) {
      for (int i = 0; i < 32; i++) {
        Sample sample = TestGraphs.images(32, 3).get(i);
        assertThat(session.run(sample.inputs())).isEqualTo(other.run(sample));
      }
    }
  }
}
