package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparseIndicesTest {
  private static final int IN = 300;
  private static final int OUT = 200;

  /** A dense layer whose weights take some values, and are zero but for a share. */
  private static Model layer(int values, double share, boolean zeroIsCommon) {
    Random random = new Random(7);
    float[] weights = new float[OUT * IN];
    for (int i = 0; i < weights.length; i++) {
      int level = 1 + random.nextInt(values);
      weights[i] = random.nextDouble() < share ? 0.1f * level - 0.05f * values - 0.07f : 0;
      weights[i] = zeroIsCommon || weights[i] != 0 ? weights[i] : 0.25f;
    }
    Graph graph =
        Graph.builder("layer")
            .input("x", TensorType.of(DType.FLOAT32, 1, IN))
            .initializer("w", Tensor.of(weights, OUT, IN))
            .node(new Gemm(1, 1, false, true), List.of("x", "w"), "y")
            .output("y", TensorType.of(DType.FLOAT32, 1, OUT))
            .build();
    return Model.of(graph, ModelInfo.of(21));
  }

  private static Model clustered(Model model, int clusters) {
    return new Quantizer(QuantizationOptions.of(Scheme.CLUSTERS).withClusters(clusters))
        .quantize(model)
        .model();
  }

  private static Stream<String> operators(Graph graph) {
    return graph.nodes().stream().map(node -> node.operator().spec().name());
  }

  /** Elements further apart than a byte says, at the lowest share, and codebooks of all widths. */
  @ParameterizedTest
  @CsvSource({"3, 0.05", "4, 0.002", "7, 0.06", "15, 0.1", "16, 0.002", "30, 0.05"})
  void sparseLayersGiveWhatTheyGave(int values, double share) {
    Model model = layer(values, share, true);
    Model small = Model.load(clustered(model, values + 1).toBytes());
    assertThat(operators(small.graph())).contains("ScatterElements", "CumSum");
    assertThat(small.toBytes().length).isLessThan(OUT * IN / 4);
    Sample sample = Sample.of(Map.of("x", TestGraphs.random(3, 1, 1, IN)));
    try (Session before = model.open();
        Session after = small.open();
        OnnxRuntime other = new OnnxRuntime(small)) {
      assertThat(operators(after.graph())).doesNotContain("ScatterElements", "Gather");
      Tensor expected = before.run(sample.inputs()).get("y");
      Tensor ours = after.run(sample.inputs()).get("y");
      Tensor theirs = other.run(sample).get("y");
      for (int i = 0; i < OUT; i++) {
        assertThat(ours.getFloat(i)).isCloseTo(expected.getFloat(i), within(1e-6f));
        assertThat(theirs.getFloat(i)).isCloseTo(expected.getFloat(i), within(1e-5f));
      }
    }
  }

  /** The common value need not be 0. */
  @Test
  void otherValuesMayBeCommon() {
    Model model = layer(3, 0.05, false);
    Model small = clustered(model, 4);
    assertThat(operators(small.graph())).contains("ScatterElements");
    Sample sample = Sample.of(Map.of("x", TestGraphs.random(3, 1, 1, IN)));
    try (Session before = model.open();
        Session after = small.open()) {
      Tensor expected = before.run(sample.inputs()).get("y");
      Tensor ours = after.run(sample.inputs()).get("y");
      for (int i = 0; i < OUT; i++) {
        assertThat(ours.getFloat(i)).isCloseTo(expected.getFloat(i), within(1e-5f));
      }
    }
  }

  @Test
  void denseLayersStayDense() {
    assertThat(operators(clustered(layer(15, 0.6, true), 16).graph()))
        .contains("Gather")
        .doesNotContain("ScatterElements");
    assertThat(operators(clustered(layer(3, 0, true), 4).graph()))
        .doesNotContain("ScatterElements");
  }
}
