package dev.tinytitan.onnx;

import static dev.tinytitan.onnx.OnnxFiles.attribute;
import static dev.tinytitan.onnx.OnnxFiles.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.MalformedModelException;
import dev.tinytitan.UnsupportedModelException;
import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Documentation;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.OpaqueType;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OnnxReaderTest {
  @TempDir Path folder;

  private static OnnxFiles tiny() {
    return OnnxFiles.opset(21)
        .input("x", 2)
        .node(node("r", "Relu", List.of("x"), List.of("y")))
        .output("y", 2);
  }

  @Test
  void keepsNamesTypesAndInfo() {
    Value x =
        new Value(
            "x",
            new TensorType(DType.FLOAT16, Arrays.asList(new Dim.Symbol("n"), Dim.UNKNOWN)),
            new Documentation("pixels", Map.of("unit", "1/255")));
    Value h = Value.of("h", TensorType.unknown(DType.FLOAT16));
    OnnxModel model =
        OnnxFiles.opset(21)
            .opset("com.example", 4)
            .input(x)
            .node(node("first", "Relu", List.of("x"), List.of("h")))
            .node(node("second", "Relu", List.of("h"), List.of("y")))
            .valueInfo(h)
            .untypedOutput("y")
            .read();
    assertThat(model.graph().inputs()).containsExactly(x);
    assertThat(model.graph().outputs()).containsExactly(Value.of("y", null));
    assertThat(model.graph().annotations()).containsExactly(Map.entry("h", h));
    assertThat(model.graph().nodes()).extracting(Node::name).containsExactly("first", "second");
    assertThat(model.info().opset()).isEqualTo(21);
    assertThat(model.info().otherOpsets()).containsExactly(Map.entry("com.example", 4));
    assertThat(model.info().producerName()).isEqualTo("test");
    assertThat(model.info().doc()).isEqualTo("a test");
    assertThat(model.info().modelVersion()).isEqualTo(3);
  }

  @Test
  void carriesOtherTypesUnread() {
    // TypeProto { sequence_type { elem_type { tensor_type { elem_type: 1 } } } }
    String sequence = "\"\6\n\4\n\2\b\1";
    Value value = Value.of("s", new OpaqueType("sequence", sequence));
    OnnxModel model = tiny().input(value).read();
    assertThat(model.graph().inputs().get(1)).isEqualTo(value);
  }

  static Stream<Arguments> constants() {
    return Stream.of(
        Arguments.of(
            "value", new Attribute.OfTensor(Tensor.of(new int[] {1, 2})), "int32[2] {1, 2}"),
        Arguments.of("value_float", new Attribute.Float(1.5f), "float32[] {1.5}"),
        Arguments.of("value_int", new Attribute.Int(3), "int64[] {3}"),
        Arguments.of("value_string", new Attribute.Text("a"), "string[] {\"a\"}"),
        Arguments.of(
            "value_floats", new Attribute.Floats(List.of(1f, 2f)), "float32[2] {1.0, 2.0}"),
        Arguments.of("value_ints", new Attribute.Ints(List.of(1L)), "int64[1] {1}"),
        Arguments.of("value_strings", new Attribute.Texts(List.of("a")), "string[1] {\"a\"}"));
  }

  @ParameterizedTest
  @MethodSource("constants")
  void constantNodesBecomeInitializers(String name, Attribute value, String text) {
    Graph graph =
        tiny()
            .node(node("c", "Constant", List.of(), List.of("k"), attribute(name, value)))
            .untypedOutput("k")
            .read()
            .graph();
    assertThat(graph.nodes()).hasSize(1);
    assertThat(graph.initializers().get("k")).hasToString(text);
  }

  @Test
  void initializersAmongTheInputsAreConstants() {
    Graph graph =
        OnnxFiles.opset(8)
            .irVersion(3)
            .input("x", 2)
            .input("b", 2)
            .initializer("b", Tensor.of(new float[] {1, 2}))
            .node(node("a", "Add", List.of("x", "b"), List.of("y")))
            .output("y", 2)
            .read()
            .graph();
    assertThat(graph.inputs()).extracting(Value::name).containsExactly("x");
    assertThat(graph.initializers()).containsOnlyKeys("b");
  }

  @Test
  void nodesWithoutANameOfTheirOwnGetOne() {
    Graph graph =
        OnnxFiles.opset(21)
            .input("x", 2)
            .node(node("", "Relu", List.of("x"), List.of("a")))
            .node(node("same", "Relu", List.of("a"), List.of("b")))
            .node(node("same", "Relu", List.of("b"), List.of("c")))
            .node(node("Relu_a", "Relu", List.of("c"), List.of("y")))
            .output("y", 2)
            .read()
            .graph();
    assertThat(graph.nodes())
        .extracting(Node::name)
        .containsExactly("Relu_a_1", "same", "same_1", "Relu_a");
  }

  @Test
  void decodersAddNodesInOrder() {
    Graph graph =
        OnnxFiles.opset(11)
            .input("x", 2, 3, 4)
            .node(node("s", "Softmax", List.of("x"), List.of("y"), attribute("axis", 1)))
            .output("y", 2, 3, 4)
            .read()
            .graph();
    assertThat(graph.nodes())
        .extracting(node -> node.operator().spec().name())
        .containsExactly("Shape", "Flatten", "Softmax", "Reshape");
    assertThat(graph.nodes().get(3).output()).isEqualTo("y");
  }

  @Test
  void listsAllThatIsNotSupportedAtOnce() {
    OnnxFiles file =
        OnnxFiles.opset(21)
            .opset("com.microsoft", 1)
            .opset("ai.onnx.ml", 3)
            .opset("example.foreign", 2)
            .input("x", 2)
            .node(node("fused", "com.microsoft", "FusedGelu", List.of("x"), List.of("a")))
            .node(node("softmax", "Softmax", List.of("a"), List.of("b")))
            .node(node("scale", "ai.onnx.ml", "Scaler", List.of("b"), List.of("c")))
            .node(node("strange", "example.foreign", "Frobnicate", List.of("c"), List.of("d")))
            .node(node("again", "example.foreign", "Frobnicate", List.of("d"), List.of("e")))
            .node(node("new", "NoSuchOperator", List.of("e"), List.of("y")))
            .output("y", 2);
    assertThatThrownBy(file::read)
        .isInstanceOfSatisfying(
            UnsupportedModelException.class,
            error ->
                assertThat(error.problems())
                    .containsExactly(
                        "node 'fused': com.microsoft::FusedGelu of opset 1: unknown operator",
                        "node 'scale': ai.onnx.ml::Scaler of opset 3: unknown operator",
                        "node 'strange': example.foreign::Frobnicate of opset 2: unknown operator",
                        "node 'again': example.foreign::Frobnicate of opset 2: unknown operator",
                        "node 'new': NoSuchOperator of opset 21: unknown operator"))
        .hasMessageStartingWith(
            "The model uses operators that TinyTitan does not support: NoSuchOperator,"
                + " ai.onnx.ml::Scaler, com.microsoft::FusedGelu, example.foreign::Frobnicate (2"
                + " nodes). Export it with standard ONNX operators");
  }

  @Test
  void refusesNewerOpsets() {
    assertThatThrownBy(() -> tiny().opset("", 26).read())
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("opset 26 of the model is newer than 25");
  }

  @Test
  void refusesBrokenGraphs() {
    assertThatThrownBy(
            () -> tiny().node(node("n", "Relu", List.of("nowhere"), List.of("z"))).read())
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("Node 'n' (Relu) reads value 'nowhere'");
    assertThatThrownBy(() -> tiny().node(node("n", "Relu", List.of("x"), List.of("y"))).read())
        .hasMessageContaining("'y' is given twice");
    assertThatThrownBy(() -> tiny().untypedOutput("nowhere").read())
        .hasMessageContaining("'nowhere' of graph 'main' is never given");
    assertThatThrownBy(() ->
            tiny()
                .node(
                    node(
                        "n",
                        "Flatten",
                        List.of("x"),
                        List.of("z"),
                        attribute("axis", new Attribute.Text("one"))))
                .read())
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("Node 'n' (Flatten): Attribute 'axis' is of kind Text");
  }

  static Stream<Arguments> filesThatAreNoModel() {
    return Stream.of(
        Arguments.of("", "is empty"),
        Arguments.of("<!DOCTYPE html>\n<html>", "looks like a web page"),
        Arguments.of("\n <html lang=en>", "looks like a web page"),
        Arguments.of("version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS pointer"),
        Arguments.of("{\"error\": 404}", "looks like JSON"),
        Arguments.of("PK\u0003\u0004\u0000\u0000", "is a zip archive"),
        Arguments.of("\u001C\u0000\u0000\u0000TFL3", "is a TensorFlow Lite model"),
        Arguments.of("hello, world", "is a text file"),
        Arguments.of("\u0008\u0001\u00FF\u00FE\u0000\u0007", "at byte"));
  }

  @ParameterizedTest
  @MethodSource("filesThatAreNoModel")
  void saysWhatAFileIsInstead(String content, String message) throws IOException {
    Path file = folder.resolve("model.onnx");
    Files.write(file, content.getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> OnnxReader.read(file))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void saysWhatIsMissingOrOfAnotherKind() throws IOException {
    assertThatThrownBy(() -> OnnxReader.read(folder.resolve("none.onnx")))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("There is no model file");
    assertThatThrownBy(() -> OnnxReader.read(folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("is a folder");
    Path tensor = folder.resolve("input_0.pb");
    Files.write(
        tensor, OnnxFiles.bytes(new ModelEncoder(null).tensor("x", Tensor.of(new float[] {1, 2}))));
    assertThatThrownBy(() -> OnnxReader.read(tensor))
        .hasMessageContaining("is a single tensor (TensorProto), not a model");
    assertThat(OnnxTensors.isTensor(tensor)).isTrue();
    assertThat(OnnxTensors.read(tensor)).isEqualTo(Tensor.of(new float[] {1, 2}));
  }

  @Test
  void tellsSequencesFromTensors() throws IOException {
    Path file = folder.resolve("input_0.pb");
    ProtoWriter tensor = new ModelEncoder(null).tensor("", Tensor.of(new float[] {1}));
    Files.write(
        file, OnnxFiles.bytes(new ProtoWriter().text(1, "s").varint(2, 1).message(3, tensor)));
    assertThat(OnnxTensors.isTensor(file)).isFalse();
    assertThatThrownBy(() -> OnnxTensors.read(file))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("perhaps a sequence");
  }

  @Test
  void everyTruncationIsAClearError() {
    byte[] bytes = tiny().bytes();
    for (int length = 0; length < bytes.length; length++) {
      byte[] part = Arrays.copyOf(bytes, length);
      try {
        // Whole fields may be missing at the end, such as the producer's name: still a model.
        assertThat(OnnxReader.read(part).graph().nodes()).isNotEmpty();
      } catch (MalformedModelException | UnsupportedModelException error) {
        assertThat(error).hasMessageMatching("(?s).{10,}");
      }
    }
  }

  @Test
  void largeFilesAreMapped() throws IOException {
    Path file = folder.resolve("large.onnx");
    Tensor weights = Tensor.of(new float[300_000]);
    weights.setFloat(299_999, 7);
    Files.write(
        file,
        OnnxFiles.opset(21)
            .input("x", 300_000)
            .initializer("w", weights)
            .node(node("a", "Add", List.of("x", "w"), List.of("y")))
            .output("y", 300_000)
            .bytes());
    Tensor read = OnnxReader.read(file).graph().initializers().get("w");
    assertThat(read.isMapped()).isTrue();
    assertThat(read).isEqualTo(weights);
  }
}
