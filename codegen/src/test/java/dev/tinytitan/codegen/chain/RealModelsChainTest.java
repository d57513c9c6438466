package dev.tinytitan.codegen.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tinytitan.Binding;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.SharedData;
import dev.tinytitan.codegen.Host;
import dev.tinytitan.ir.Value;
import dev.tinytitan.kernel.StepReport;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The int8 models of MLPerf Tiny through sessions: one chain each, from many threads, and closed.
 */
class RealModelsChainTest {
  private static final int OPENINGS = Boolean.getBoolean("tinytitan.nightly") ? 10_000 : 500;

  @BeforeEach
  void requireCode() {
    assumeTrue(Host.problem().isEmpty(), () -> Host.problem().orElse(""));
  }

  private static Session open(Model model, String engine) {
    return model.open(SessionOptions.defaults().withEngine(engine).withThreads(1));
  }

  private static Model model(String name) {
    return Model.load(SharedData.require("models/" + name + ".onnx"));
  }

  private static Map<String, Tensor> inputs(Session session, long seed, float range) {
    Random random = new Random(seed);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Value value : session.inputs()) {
      Tensor tensor = Tensor.zeros(value.tensorType().dtype(), value.tensorType().shape());
      for (int i = 0; i < tensor.size(); i++) {
        tensor.setFloat(i, (random.nextFloat() - 0.3f) * range);
      }
      inputs.put(value.name(), tensor);
    }
    return inputs;
  }

  @Test
  void aBindingCountsTheMemoryOfItsChain() {
    try (Session session = open(model("kws_int8"), "codegen")) {
      // Maps of 64 channels at 25 times 5 places stand beside each other, 8 bits an element.
      assertThat(session.binding().byteSize()).isBetween(2L * 64 * 25 * 5, 100_000L);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kws_int8",
        "kws_int8_u8act",
        "resnet8_int8",
        "resnet8_int8_u8act",
        "resnet8large_int8",
        "vww_int8",
        "vww_int8_u8act",
        "ad_int8",
        "ad_int8_u8act",
        "strww_int8"
      })
  void eachModelIsOneChainAndAnswersAsTheReference(String name) {
    Model model = model(name);
    float range = name.startsWith("resnet") ? 300 : name.startsWith("vww") ? 1.5f : 40;
    try (Session compiled = open(model, "codegen");
        Session reference = open(model, "reference")) {
      assertThat(compiled.explain(Map.of()))
          .singleElement()
          .extracting(StepReport::engine)
          .isEqualTo("codegen");
      for (int seed = 0; seed < 3; seed++) {
        Map<String, Tensor> inputs = inputs(reference, seed, range);
        double[] expected = reference.run(inputs).get("output").toDoubleArray();
        double[] actual = compiled.run(inputs).get("output").toDoubleArray();
        // Softmax is float: one step of its quantization, 1/256, is allowed.
        double step = name.startsWith("ad") ? 0 : 1.0 / 256;
        for (int i = 0; i < expected.length; i++) {
          assertThat(actual[i]).isBetween(expected[i] - step, expected[i] + step);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "resnet8_fp32",
        "resnet8large_fp32",
        "resnet8large_int8",
        "vww_fp32",
        "vww_int8",
        "kws_fp32"
      })
  void anyNumberOfThreadsGivesTheSameAnswer(String name) {
    Model model = model(name);
    float range = name.startsWith("resnet") ? 300 : name.startsWith("vww") ? 1.5f : 40;
    Map<String, Tensor> inputs;
    double[] expected;
    try (Session alone = open(model, "codegen")) {
      inputs = inputs(alone, 3, range);
      expected = alone.run(inputs).get("output").toDoubleArray();
    }
    for (int threads = 2; threads <= 4; threads++) {
      SessionOptions options = SessionOptions.defaults().withEngine("codegen");
      try (Session shared = model.open(options.withThreads(threads))) {
        for (int run = 0; run < 50; run++) {
          assertThat(shared.run(inputs).get("output").toDoubleArray())
              .as("%d threads, run %d", threads, run)
              .isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"kws_int8, 1", "resnet8_fp32, 3"})
  void manyThreadsRunOneSessionAndClosingItEndsThem(String name, int workers) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      SessionOptions options = SessionOptions.defaults().withEngine("codegen");
      Session session = model(name).open(options.withThreads(workers));
      Map<String, Tensor> inputs = inputs(session, 1, 40);
      double[] expected = session.run(inputs).get("output").toDoubleArray();
      List<Future<Integer>> results = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        results.add(
            threads.submit(() -> {
              int runs = 0;
              try {
                for (; ; runs++) {
                  double[] actual = session.run(inputs).get("output").toDoubleArray();
                  assertThat(actual).isEqualTo(expected);
                }
              } catch (IllegalStateException closed) {
                return runs;
              }
            }));
      }
      // Only a number of runs of our own says that the others are under way.
      for (int i = 0; i < 2_000; i++) {
        session.run(inputs);
      }
      session.close();
      for (Future<Integer> result : results) {
        assertThat(result.get()).isNotNegative();
      }
      assertThatThrownBy(() -> session.run(inputs)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void bindingsStayApartAndEndWithTheirSession() {
    Session session = open(model("ad_int8"), "codegen");
    Binding first = session.binding();
    Binding second = session.binding();
    first.input(0).copyFrom(inputs(session, 1, 40).values().iterator().next());
    second.input(0).copyFrom(inputs(session, 2, 40).values().iterator().next());
    first.run();
    double[] before = first.output(0).toDoubleArray();
    second.run();
    assertThat(second.output(0).toDoubleArray()).isNotEqualTo(before);
    first.run();
    assertThat(first.output(0).toDoubleArray()).isEqualTo(before);
    session.close();
    assertThatThrownBy(first::run).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void openingAndClosingLeavesNothingMapped() throws Exception {
    Model model = model("strww_int8");
    openAndClose(model, 20);
    long before = mappings();
    openAndClose(model, OPENINGS);
    assertThat(mappings()).isLessThan(before + 100);
  }

  private static void openAndClose(Model model, int times) {
    for (int i = 0; i < times; i++) {
      try (Session session = open(model, "codegen")) {
        session.run(inputs(session, i, 40));
      }
    }
  }

  /** Executable mappings and others of this process. */
  private static long mappings() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.count();
    }
  }
}
