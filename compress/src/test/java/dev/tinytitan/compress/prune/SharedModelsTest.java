package dev.tinytitan.compress.prune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.SharedData;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every model beside the project prunes to one that answers as the masked original does. */
class SharedModelsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ad_fp32",
        "kws_fp32",
        "resnet8_fp32",
        "resnet8large_fp32",
        "strww_fp32",
        "vww_fp32"
      })
  void floatModels(String name) {
    for (long seed = 0; seed < 3; seed++) {
      check(name, 0.25 + 0.2 * seed, seed, 1e-4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ppocr_cls_v2", "ppocr_det_v4", "silero_vad_v5"})
  void modelsOfOpenSize(String name) {
    check(name, 0.3, 1, 1e-4);
  }

  /** Integer arithmetic is exact, so that the pruned model gives the same numbers to the bit. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ad_int8",
        "kws_int8",
        "resnet8_int8",
        "resnet8large_int8",
        "strww_int8",
        "vww_int8",
        "ad_int8_u8act",
        "kws_int8_u8act",
        "resnet8_int8_u8act",
        "resnet8large_int8_u8act",
        "strww_int8_u8act",
        "vww_int8_u8act"
      })
  void quantizedModels(String name) {
    check(name, 0.3, 2, 0);
  }

  private static void check(String name, double share, long seed, double tolerance) {
    Graph graph = Model.load(SharedData.require("models/" + name + ".onnx")).graph();
    StructuralPruning.Outcome outcome =
        StructuralPruning.check(graph, inputs(graph, seed), share, seed, tolerance);
    assertThat(outcome.removed()).isGreaterThan(20);
  }

  private static Map<String, Tensor> inputs(Graph graph, long seed) {
    Map<String, Tensor> inputs = new HashMap<>();
    Random random = new Random(seed);
    graph
        .inputs()
        .forEach(input -> {
          if (graph.inputs().size() == 3) {
            int[] dims = input.name().equals("input") ? new int[] {1, 576} : new int[] {2, 1, 128};
            inputs.put(
                input.name(),
                input.name().equals("sr") ? Tensor.scalar(16000L) : random(random, dims));
            return;
          }
          int[] dims =
              input.tensorType().knownDims().stream()
                  .mapToInt(dim -> dim.isFixed() ? dim.size() : 64)
                  .toArray();
          dims[0] = 1;
          inputs.put(input.name(), random(random, dims));
        });
    return inputs;
  }

  private static Tensor random(Random random, int... dims) {
    Tensor tensor =
        Tensor.zeros(dev.tinytitan.tensor.DType.FLOAT32, dev.tinytitan.tensor.Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, random.nextFloat() * 2 - 0.5f);
    }
    return tensor;
  }
}
