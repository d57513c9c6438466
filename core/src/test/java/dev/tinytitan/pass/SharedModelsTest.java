package dev.tinytitan.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real models before and after the pipelines, on the interpreter. */
class SharedModelsTest {

  @ParameterizedTest
  @ValueSource(strings = {"kws", "vww", "resnet8", "resnet8large", "ad", "strww"})
  void quantizedModelsAreIntegerFromTheFirstQuantizationToTheLast(String model) {
    for (String form : List.of("_int8", "_int8_u8act")) {
      Graph graph = RealModels.shared(model + form);
      Graph after = Pipelines.run(graph, Pipelines.semantics(), true).graph();

      Map<String, Integer> counts = Pipelines.countOperators(after);
      assertThat(counts).doesNotContainKeys("Conv", "Gemm", "Add", "Relu", "GlobalAveragePool");
      // One at the model's input; where softmax stands at its end, one around that.
      boolean softmax = counts.containsKey("Softmax");
      assertThat(counts.get("QuantizeLinear")).isEqualTo(softmax ? 2 : 1);
      assertThat(counts.get("DequantizeLinear")).isEqualTo(softmax ? 2 : 1);
      // The literal reading differs on few elements, by one step.
      PassTester.assertSameResults(graph, after, 0.03, RealModels.inputs(model, graph));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kws_fp32",
        "vww_fp32",
        "resnet8_fp32",
        "resnet8large_fp32",
        "ad_fp32",
        "strww_fp32",
        "silero_vad_v5",
        "ppocr_det_v4",
        "ppocr_cls_v2",
        "kws_int8",
        "vww_int8",
        "resnet8_int8",
        "ad_int8",
        "strww_int8",
        "kws_int8_u8act"
      })
  void resultsStayTheSame(String model) {
    Graph graph = Pipelines.run(RealModels.shared(model), Pipelines.semantics(), true).graph();
    assertOptimized(graph, RealModels.inputs(model, graph));
  }

  @Test
  void theSentenceEncoderStaysTheSame() throws IOException {
    Graph graph = RealModels.miniLm();
    assertOptimized(graph, RealModels.sentence(graph));
  }

  @Test
  void theDynamicallyQuantizedSentenceEncoderStaysTheSame() throws IOException {
    Graph graph = RealModels.miniLmQuantized();
    assertOptimized(graph, RealModels.sentence(graph));
  }

  private static Graph assertOptimized(Graph graph, List<Tensor> inputs) {
    Pipelines.Result result = Pipelines.run(graph, Pipelines.inference(), true);
    Graph after = result.graph();
    assertThat(after.inputs()).isEqualTo(graph.inputs());
    assertThat(after.outputs().stream().map(Value::name))
        .isEqualTo(graph.outputs().stream().map(Value::name).toList());
    assertThat(after.nodes().stream().map(Node::name)).doesNotHaveDuplicates();
    for (Pass pass : Pipelines.inference()) {
      assertThat(Pipelines.run(after, List.of(pass), true).graph())
          .as("%s finds nothing more to do", pass.name())
          .isSameAs(after);
    }
    PassTester.assertSameResults(graph, after, 1e-5, inputs);
    return after;
  }
}
