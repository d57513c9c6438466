package dev.tinytitan.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.SessionOptions;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.onnx.OnnxReader;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** ONNX's backend suite on the reference, unoptimized and optimized, and on the portable engine. */
class ConformanceTest {

  /** Also holds the shape rules against what came out. */
  @TestFactory
  Stream<DynamicTest> reference() {
    return new ConformanceSuite()
        .tests(folder -> {
          Graph graph = OnnxReader.read(folder.resolve("model.onnx")).graph();
          return inputs -> interpret(graph, inputs);
        });
  }

  @TestFactory
  Stream<DynamicTest> optimizedReference() {
    return new ConformanceSuite()
        .tests(SessionOptions.defaults().withThreads(1).withEngine("reference"));
  }

  @TestFactory
  Stream<DynamicTest> portable() {
    return new ConformanceSuite()
        .tests(SessionOptions.defaults().withThreads(1).withEngine("portable"));
  }

  private static List<Tensor> interpret(Graph graph, List<Tensor> inputs) {
    Map<String, TensorType> types = TypeInference.infer(graph);
    List<Tensor> results = Interpreter.run(graph, inputs);
    for (int i = 0; i < results.size(); i++) {
      String output = graph.outputs().get(i).name();
      TensorType type = types.get(output);
      if (type != null) {
        checkType(output, type, results.get(i));
      }
    }
    return results;
  }

  private static void checkType(String output, TensorType type, Tensor result) {
    assertThat(type.dtype()).as("inferred type of %s", output).isEqualTo(result.dtype());
    if (type.hasRank()) {
      assertThat(type.rank()).as("inferred rank of %s", output).isEqualTo(result.shape().rank());
      for (int i = 0; i < type.rank(); i++) {
        if (type.dim(i).isFixed()) {
          assertThat(type.dim(i).size())
              .as("inferred dimension %s of %s", i, output)
              .isEqualTo(result.shape().dim(i));
        }
      }
    }
  }
}
