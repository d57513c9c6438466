package dev.tinytitan.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.SharedData;
import dev.tinytitan.cli.bench.Peer;
import dev.tinytitan.data.Npz;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.kernel.Engine;
import dev.tinytitan.kernel.EngineCatalog;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Real models give ONNX Runtime's answers on every engine: floats nearly, integers exactly. */
class ModelAgreementTest {
  private static final double FLOAT_TOLERANCE = 1e-4;

  @TempDir private Path folder;

  private static List<String> engines() {
    return EngineCatalog.load().usable().stream().map(Engine::name).toList();
  }

  private static Stream<Arguments> cases(List<String> models) {
    return models.stream()
        .flatMap(model -> engines().stream().map(engine -> Arguments.of(model, engine)));
  }

  static Stream<Arguments> floatCases() {
    return cases(
        List.of(
            "kws_fp32",
            "vww_fp32",
            "resnet8_fp32",
            "resnet8large_fp32",
            "ad_fp32",
            "strww_fp32",
            "ppocr_cls",
            "ppocr_det-320",
            "silero_vad",
            "minilm-16"));
  }

  static Stream<Arguments> integerCases() {
    List<String> names = new ArrayList<>();
    for (String model : List.of("kws", "vww", "resnet8", "resnet8large", "ad", "strww")) {
      names.add(model + "_int8");
      names.add(model + "_int8_u8act");
    }
    return cases(names);
  }

  private static BenchModel find(String label) {
    Path models = SharedData.require("models");
    return BenchModel.suite(models, MiniLmFiles.model()).stream()
        .filter(model -> model.label().equals(label))
        .findFirst()
        .orElseGet(() -> new BenchModel(label, models.resolve(label + ".onnx"), Map.of()));
  }

  private static SessionOptions options(String engine) {
    return SessionOptions.defaults().withEngine(engine).withThreads(1);
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("floatCases")
  void floatModelsAgree(String label, String engine) {
    BenchModel benchModel = find(label);
    Model model = benchModel.model();
    int runs = engine.equals(EngineCatalog.REFERENCE) ? 1 : 3;
    try (Session session = model.open(options(engine))) {
      for (int seed = 0; seed < runs; seed++) {
        Map<String, Tensor> inputs = benchModel.inputs(model, seed);
        Map<String, Tensor> actual = session.run(inputs);
        try (Peer.PeerModel peer = new OnnxRuntimePeer().open(benchModel.file(), inputs, 1)) {
          peer.outputs()
              .forEach((name, expected) ->
                  assertThat(Agreement.relativeToMax(expected, actual.get(name)))
                      .as("%s, seed", name)
                      .isLessThanOrEqualTo(FLOAT_TOLERANCE));
        }
      }
    }
  }

  /** The last integers before the softmax, if there is one, are compared as well. */
  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("integerCases")
  void integerModelsAgreeExactly(String label, String engine) {
    BenchModel benchModel = find(label);
    Model original = benchModel.model();
    Graph.Builder exposed = original.graph().toBuilder();
    List<String> compared = new ArrayList<>();
    for (Node node : original.graph().nodes()) {
      if (node.operator().spec().name().equals("Softmax")) {
        exposed.output(node.input(0), null);
        compared.add(node.input(0));
      }
    }
    if (compared.isEmpty()) {
      compared.add(original.outputs().get(0).name());
    }
    Model model = Model.of(exposed.build(), original.info());
    Path file = folder.resolve("exposed.onnx");
    model.save(file);
    int runs = engine.equals(EngineCatalog.REFERENCE) ? 2 : 10;
    try (Session session = model.open(options(engine))) {
      for (int seed = 0; seed < runs; seed++) {
        Map<String, Tensor> inputs = benchModel.inputs(model, seed);
        Map<String, Tensor> actual = session.run(inputs);
        try (Peer.PeerModel peer = new OnnxRuntimePeer().open(file, inputs, 1)) {
          Map<String, Tensor> expected = peer.outputs();
          for (String name : compared) {
            assertThat(actual.get(name).toFloatArray())
                .as("%s, seed %d", name, seed)
                .isEqualTo(expected.get(name).toFloatArray());
          }
        }
      }
    }
  }

  @Test
  void sileroFollowsRealSpeechWithItsState() {
    Path models = SharedData.require("models");
    Tensor audio = Npz.read(SharedData.require("datasets/fsdd/train.npz"), "audio");
    Path file = models.resolve("silero_vad_v5.onnx");
    Model model = Model.load(file);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    float[] chunk = new float[256];
    inputs.put("input", Tensor.of(chunk, 1, 256));
    inputs.put("state", Tensor.of(new float[256], 2, 1, 128));
    inputs.put("sr", Tensor.scalar(8000L));
    Map<String, Tensor> expectedState = new LinkedHashMap<>(inputs);
    try (Session session = model.open()) {
      for (int step = 0; step < 12; step++) {
        for (int i = 0; i < chunk.length; i++) {
          chunk[i] = audio.getFloat(step * 256 + i) / 32768f;
        }
        Map<String, Tensor> actual = session.run(inputs);
        try (Peer.PeerModel peer = new OnnxRuntimePeer().open(file, expectedState, 1)) {
          Map<String, Tensor> expected = peer.outputs();
          assertThat(actual.get("output").getFloat(0))
              .isCloseTo(
                  expected.get("output").getFloat(0), org.assertj.core.data.Offset.offset(1e-4f));
          inputs.put("state", actual.get("stateN"));
          expectedState.put("state", expected.get("stateN"));
        }
      }
    }
  }
}
