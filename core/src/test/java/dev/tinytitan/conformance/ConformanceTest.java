package dev.tinytitan.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.SharedData;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.onnx.OnnxReader;
import dev.tinytitan.onnx.OnnxTensors;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs the cases of ONNX's backend suite on the reference, unoptimized, with the tolerance of the
 * suite's own runner, and holds the shape rules against what came out.
 */
class ConformanceTest {
  private static final double RELATIVE = 1e-3;
  private static final double ABSOLUTE = 1e-7;

  /** Why cases are left out, by a pattern of their names. */
  private static final Map<Pattern, String> LEFT_OUT =
      Map.of(
          Pattern.compile("test_ai_onnx_ml_.*"), "domain ai.onnx.ml",
          Pattern.compile("test_(adagrad|adam|momentum|nesterov_momentum).*"),
              "domain preview.training",
          Pattern.compile("test_image_decoder_.*"), "ImageDecoder",
          Pattern.compile("test_(identity_|if_|loop1[36]_)?(sequence|seq|optional|opt)(_.*)?"),
              "sequences and optionals",
          Pattern.compile("test_(loop13_seq|loop16_seq_none|split_to_sequence.*|identity_opt)"),
              "sequences and optionals",
          Pattern.compile("test_(string|strnorm|regex).*|test_equal_string.*"), "strings",
          Pattern.compile("test_cast(like)?_(STRING_to_.*|.*_to_STRING.*)"), "strings",
          Pattern.compile("test_bernoulli(_double|_seed)?(_expanded)?"), "random numbers",
          Pattern.compile("test_qlinearmatmul_.*_int8_.*"),
              "expects sums out of range to wrap, where the specification says they saturate",
          Pattern.compile("test_dft_inverse(_opset19)?"),
              "expects the rounding errors of NumPy's float32 transform where the result is 0");

  @TestFactory
  Stream<DynamicTest> cases() throws IOException {
    Path folder = SharedData.require("conformance");
    try (Stream<Path> found = Files.list(folder)) {
      return found
          .filter(path -> Files.exists(path.resolve("model.onnx")))
          .sorted()
          .toList()
          .stream()
          .map(path -> DynamicTest.dynamicTest(path.getFileName().toString(), () -> check(path)));
    }
  }

  private static void check(Path folder) throws IOException {
    String name = folder.getFileName().toString();
    LEFT_OUT.forEach((pattern, reason) ->
        Assumptions.assumeFalse(pattern.matcher(name).matches(), () -> "left out: " + reason));
    Graph graph = OnnxReader.read(folder.resolve("model.onnx")).graph();
    Map<String, TensorType> types = TypeInference.infer(graph);
    int sets = 0;
    while (Files.isDirectory(folder.resolve("test_data_set_" + sets))) {
      checkSet(graph, types, folder.resolve("test_data_set_" + sets));
      sets++;
    }
    assertThat(sets).isPositive();
  }

  private static void checkSet(Graph graph, Map<String, TensorType> types, Path set)
      throws IOException {
    List<Tensor> inputs = tensors(set, "input");
    List<Tensor> expected = tensors(set, "output");
    List<Tensor> results = Interpreter.run(graph, inputs);
    assertThat(results).hasSizeGreaterThanOrEqualTo(expected.size());
    for (int i = 0; i < expected.size(); i++) {
      String output = graph.outputs().get(i).name();
      checkTensor(output, results.get(i), expected.get(i));
      TensorType type = types.get(output);
      if (type != null) {
        checkType(output, type, expected.get(i));
      }
    }
  }

  private static List<Tensor> tensors(Path set, String prefix) {
    List<Tensor> tensors = new ArrayList<>();
    while (Files.exists(set.resolve(prefix + "_" + tensors.size() + ".pb"))) {
      tensors.add(OnnxTensors.read(set.resolve(prefix + "_" + tensors.size() + ".pb")));
    }
    return tensors;
  }

  private static void checkType(String output, TensorType type, Tensor expected) {
    assertThat(type.dtype()).as("inferred type of %s", output).isEqualTo(expected.dtype());
    if (type.hasRank()) {
      assertThat(type.rank()).as("inferred rank of %s", output).isEqualTo(expected.shape().rank());
      for (int i = 0; i < type.rank(); i++) {
        if (type.dim(i).isFixed()) {
          assertThat(type.dim(i).size())
              .as("inferred dimension %s of %s", i, output)
              .isEqualTo(expected.shape().dim(i));
        }
      }
    }
  }

  private static void checkTensor(String output, Tensor result, Tensor expected) {
    assertThat(result.dtype()).as("type of %s", output).isEqualTo(expected.dtype());
    assertThat(result.shape()).as("shape of %s", output).isEqualTo(expected.shape());
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
                "output '%s' differs first at index %d: got %s, expected %s",
                output, i, got, wanted)
            .isTrue();
      }
    }
  }
}
