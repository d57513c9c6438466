package dev.tinytitan.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.SharedData;
import dev.tinytitan.ir.Value;
import dev.tinytitan.onnx.OnnxTensors;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;

/**
 * The cases of ONNX's backend suite as tests, one for each case and one for the share that passes.
 * A result must lie within the tolerance of the suite's own runner. One instance counts for one
 * stream of tests, which run one after the other.
 */
public final class ConformanceSuite {
  private static final double RELATIVE = 1e-3;
  private static final double ABSOLUTE = 1e-7;
  private static final double LEAST_SHARE = 0.98;

  /** What TinyTitan does not do, by patterns of the names of the cases about it. */
  private static final Map<Pattern, String> LEFT_OUT =
      Map.of(
          Pattern.compile("test_ai_onnx_ml_.*"), "domain ai.onnx.ml",
          Pattern.compile("test_(adagrad|adam|momentum|nesterov_momentum).*"),
              "domain ai.onnx.preview.training",
          Pattern.compile("test_image_decoder_.*"), "ImageDecoder",
          Pattern.compile("test_(identity_|if_|loop1[36]_)?(sequence|seq|optional|opt)(_.*)?"),
              "sequences and optionals",
          Pattern.compile("test_(loop13_seq|loop16_seq_none|split_to_sequence.*|identity_opt)"),
              "sequences and optionals",
          Pattern.compile("test_(string|strnorm|regex).*|test_equal_string.*"), "strings",
          Pattern.compile("test_cast(like)?_(STRING_to_.*|.*_to_STRING.*)"), "strings");

  /** Cases that count as failures, and why they must fail. */
  private static final Map<Pattern, String> KNOWN_FAILURES =
      Map.of(
          Pattern.compile("test_bernoulli(_double|_seed)?(_expanded)?"),
              "expects the random numbers of another generator",
          Pattern.compile("test_qlinearmatmul_.*_int8_.*"),
              "expects sums out of range to wrap; the specification, and ONNX Runtime, saturate",
          Pattern.compile("test_dft_inverse(_opset19)?"),
              "expects the rounding errors of NumPy's float32 transform where the result is 0");

  private int failed;
  private int passed;

  /** Computes a case's outputs, in the order of the graph's, from its inputs. */
  @FunctionalInterface
  public interface Runner {
    /** The outputs for one data set. */
    List<Tensor> run(List<Tensor> inputs);
  }

  /** A suite of which nothing has run yet. */
  public ConformanceSuite() {}

  /** Tests that run each case in a session. */
  public Stream<DynamicTest> tests(SessionOptions options) {
    return tests(folder -> {
      Model model = Model.load(folder.resolve("model.onnx"));
      return inputs -> run(model, options, inputs);
    });
  }

  private static List<Tensor> run(Model model, SessionOptions options, List<Tensor> inputs) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      named.put(model.inputs().get(i).name(), inputs.get(i));
    }
    try (Session session = model.open(options)) {
      Map<String, Tensor> results = session.run(named);
      return model.outputs().stream().map(Value::name).map(results::get).toList();
    }
  }

  /** Tests that run each case by what {@code open} makes of its folder. */
  public Stream<DynamicTest> tests(Function<Path, Runner> open) {
    Path folder = SharedData.require("conformance");
    List<Path> cases;
    try (Stream<Path> found = Files.list(folder)) {
      cases = found.filter(path -> Files.exists(path.resolve("model.onnx"))).sorted().toList();
    } catch (IOException error) {
      throw new AssertionError("cannot list " + folder, error);
    }
    return Stream.concat(
        cases.stream().map(path -> DynamicTest.dynamicTest(name(path), () -> check(path, open))),
        Stream.of(DynamicTest.dynamicTest("share of cases that pass", this::checkShare)));
  }

  private static String name(Path folder) {
    return String.valueOf(folder.getFileName());
  }

  private static Optional<String> find(Map<Pattern, String> reasons, String name) {
    return reasons.entrySet().stream()
        .filter(entry -> entry.getKey().matcher(name).matches())
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private void checkShare() {
    assertThat((double) passed / (passed + failed)).isGreaterThanOrEqualTo(LEAST_SHARE);
  }

  private void check(Path folder, Function<Path, Runner> open) {
    Optional<String> leftOut = find(LEFT_OUT, name(folder));
    Assumptions.assumeTrue(leftOut.isEmpty(), () -> "left out: " + leftOut.orElseThrow());
    failed++;
    Optional<String> known = find(KNOWN_FAILURES, name(folder));
    try {
      checkSets(folder, open.apply(folder));
    } catch (AssertionError error) {
      Assumptions.assumeTrue(known.isEmpty(), () -> "known failure: " + known.orElseThrow());
      throw error;
    }
    failed--;
    passed++;
  }

  private static void checkSets(Path folder, Runner runner) {
    int sets = 0;
    for (Path set = folder.resolve("test_data_set_0"); Files.isDirectory(set); ) {
      List<Tensor> expected = tensors(set, "output");
      List<Tensor> results = runner.run(tensors(set, "input"));
      assertThat(results).hasSizeGreaterThanOrEqualTo(expected.size());
      for (int i = 0; i < expected.size(); i++) {
        checkTensor(i, results.get(i), expected.get(i));
      }
      sets++;
      set = folder.resolve("test_data_set_" + sets);
    }
    assertThat(sets).isPositive();
  }

  /** The tensors of a data set, inputs or outputs. */
  static List<Tensor> tensors(Path set, String prefix) {
    List<Tensor> tensors = new ArrayList<>();
    while (Files.exists(set.resolve(prefix + "_" + tensors.size() + ".pb"))) {
      tensors.add(OnnxTensors.read(set.resolve(prefix + "_" + tensors.size() + ".pb")));
    }
    return tensors;
  }

  private static void checkTensor(int output, Tensor result, Tensor expected) {
    assertThat(result.dtype()).as("type of output %s", output).isEqualTo(expected.dtype());
    assertThat(result.shape()).as("shape of output %s", output).isEqualTo(expected.shape());
    boolean complex = result.dtype() == DType.COMPLEX64 || result.dtype() == DType.COMPLEX128;
    for (int i = 0; i < result.size(); i++) {
      for (int part = 0; part < (complex ? 2 : 1); part++) {
        double got = complex ? result.getComplex(i, part) : result.getDouble(i);
        double wanted = complex ? expected.getComplex(i, part) : expected.getDouble(i);
        boolean close =
            Double.compare(got, wanted) == 0
                || Math.abs(got - wanted) <= ABSOLUTE + RELATIVE * Math.abs(wanted);
        assertThat(close)
            .withFailMessage(
                "output %s differs first at index %s: got %s, expected %s", output, i, got, wanted)
            .isTrue();
      }
    }
  }
}
