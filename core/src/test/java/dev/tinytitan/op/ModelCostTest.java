package dev.tinytitan.op;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.SharedData;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.onnx.OnnxReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The multiply-adds of real models are those that the MLPerf Tiny suite counts. */
class ModelCostTest {
  @ParameterizedTest
  @CsvSource({
    "kws, 2656768",
    "resnet8, 12501632",
    "resnet8large, 76473920",
    "vww, 7489664",
    "ad, 264192",
    "strww, 826368"
  })
  void countsMultiplyAdds(String model, long expected) {
    Graph graph = OnnxReader.read(SharedData.require("models/" + model + "_fp32.onnx")).graph();
    Map<String, TensorType> types = TypeInference.infer(graph);
    long sum = 0;
    for (Node node : graph.nodes()) {
      List<@Nullable TensorType> inputs = new ArrayList<>();
      for (String name : node.inputs()) {
        inputs.add(types.get(name));
      }
      List<TensorType> outputs = node.outputs().stream().map(types::get).toList();
      sum += node.operator().cost(inputs, outputs).multiplyAdds();
    }
    assertThat(sum).isEqualTo(expected);
  }
}
