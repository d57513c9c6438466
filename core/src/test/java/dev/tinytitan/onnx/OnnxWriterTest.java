package dev.tinytitan.onnx;

import static dev.tinytitan.onnx.OnnxFiles.attribute;
import static dev.tinytitan.onnx.OnnxFiles.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.Model;
import dev.tinytitan.SharedData;
import dev.tinytitan.UnsupportedModelException;
import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Documentation;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class OnnxWriterTest {
  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> sharedModelsComeBackTheSame() throws IOException {
    try (Stream<Path> files = Files.list(SharedData.require("models"))) {
      return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList().stream()
          .map(file ->
              DynamicTest.dynamicTest(
                  file.getFileName().toString(), () -> comesBack(OnnxReader.read(file))));
    }
  }

  /** All models of the suite that are of an opset that is written, and supported. */
  @Test
  void conformanceModelsComeBackTheSame() throws IOException {
    int compared = 0;
    try (Stream<Path> cases = Files.list(SharedData.require("conformance"))) {
      for (Path file : cases.map(path -> path.resolve("model.onnx")).sorted().toList()) {
        OnnxModel model;
        try {
          model = OnnxReader.read(file);
        } catch (UnsupportedModelException skipped) {
          continue;
        }
        // The old form of Scan, with a batch, is written in the newer one.
        if (model.info().opset() > 8) {
          comesBack(model);
          compared++;
        }
      }
    }
    assertThat(compared).isGreaterThan(750);
  }

  private void comesBack(OnnxModel model) throws IOException {
    Path file = folder.resolve("written.onnx");
    WrittenModel written = OnnxWriter.write(model.graph(), model.info(), file);
    assertThat(written.opset()).isEqualTo(model.info().opset());
    assertThat(written.reasons()).isEmpty();
    assertThat(written.bytes()).isEqualTo(Files.size(file));
    OnnxModel again = OnnxReader.read(file);
    assertThat(again).isEqualTo(model);
    assertThat(OnnxWriter.toBytes(again.graph(), again.info())).isEqualTo(Files.readAllBytes(file));
  }

  /** Documentation and metadata_props of the model, the graph, its nodes and values. */
  @Test
  void itsOwnWordsComeBack() throws IOException {
    TensorType type = TensorType.of(DType.FLOAT32, 2);
    ModelInfo info =
        new ModelInfo(11, 21, Map.of(), "p", "1", "d", 7, "model", Map.of("licence", "Apache-2.0"));
    Graph graph =
        Graph.builder("g")
            .doc(words("graph"))
            .input(new Value("x", type, words("input")))
            .node(new Node("first", new Relu(), List.of("x"), List.of("h"), words("node")))
            .annotation(new Value("h", type, words("value between")))
            .node(new Relu(), List.of("h"), "y")
            .output(new Value("y", type, words("output")))
            .build();
    OnnxModel model = new OnnxModel(graph, info);
    comesBack(model);
    Graph read = OnnxReader.read(folder.resolve("written.onnx")).graph();
    assertThat(read.doc()).isEqualTo(words("graph"));
    assertThat(read.nodes().get(0).doc()).isEqualTo(words("node"));
    assertThat(read.annotations().get("h").doc()).isEqualTo(words("value between"));
    assertThat(read.inputs().get(0).doc().properties()).containsEntry("said by", "input");
  }

  private static Documentation words(String text) {
    return new Documentation(text, Map.of("said by", text, "empty", ""));
  }

  @Test
  void raisesTheOpsetForNarrowIntegers() {
    for (DType dtype : List.of(DType.INT4, DType.UINT4, DType.INT2, DType.UINT2)) {
      Graph graph =
          Graph.builder("g")
              .input("x", TensorType.of(DType.FLOAT32, 4))
              .initializer("scale", Tensor.scalar(0.5f))
              .initializer("zero", Tensor.zeros(dtype, Shape.scalar()))
              .node(new QuantizeLinear(1), List.of("x", "scale", "zero"), "q")
              .node(new DequantizeLinear(1), List.of("q", "scale", "zero"), "y")
              .output("y", TensorType.of(DType.FLOAT32, 4))
              .build();
      WrittenModel written =
          OnnxWriter.write(graph, ModelInfo.of(13), folder.resolve(dtype + ".onnx"));
      boolean halves = dtype == DType.INT4 || dtype == DType.UINT4;
      assertThat(written.opset()).as(dtype.toString()).isEqualTo(halves ? 21 : 25);
      assertThat(written.reasons()).isNotEmpty();
    }
  }

  @Test
  void raisesTheOpsetWhereAnOperatorNeedsItAndSaysSo() {
    Graph graph =
        Graph.builder("g")
            .input("x", TensorType.of(DType.FLOAT32, 0, 3))
            .initializer("shape", Tensor.of(new long[] {3, 0}))
            .node(new Reshape(true), List.of("x", "shape"), "y")
            .output("y", TensorType.of(DType.FLOAT32, 3, 0))
            .build();
    Path file = folder.resolve("m.onnx");
    WrittenModel written = OnnxWriter.write(graph, ModelInfo.of(11), file);
    assertThat(written.opset()).isEqualTo(14);
    assertThat(written.reasons()).containsExactly("Reshape (node 'y') needs opset 14");
    OnnxModel read = OnnxReader.read(file);
    assertThat(read.info().opset()).isEqualTo(14);
    assertThat(read.graph()).isEqualTo(graph);
  }

  @Test
  void refusesUnknownOpsets() {
    Graph graph = Graph.builder("g").build();
    assertThatThrownBy(() -> OnnxWriter.toBytes(graph, ModelInfo.of(26)))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessage("Models are written in opset 7 to 25, not 26.");
  }

  /** Attributes that became inputs become attributes again, and their constants go. */
  @Test
  void oldFormsComeBack() throws IOException {
    OnnxModel model =
        OnnxFiles.opset(9)
            .input("x", 1, 4, 4)
            .node(
                node(
                    "u",
                    "Unsqueeze",
                    List.of("x"),
                    List.of("u"),
                    attribute("axes", new Attribute.Ints(List.of(0L)))))
            .node(
                node(
                    "s",
                    "Slice",
                    List.of("u"),
                    List.of("s"),
                    attribute("starts", new Attribute.Ints(List.of(1L))),
                    attribute("ends", new Attribute.Ints(List.of(3L))),
                    attribute("axes", new Attribute.Ints(List.of(2L)))))
            .node(
                node(
                    "c",
                    "Clip",
                    List.of("s"),
                    List.of("y"),
                    attribute("min", new Attribute.Float(0))))
            .output("y", 1, 1, 2, 4)
            .read();
    assertThat(model.graph().initializers()).isNotEmpty();
    assertThat(ModelExport.export(model.graph(), model.info()).model().graph().initializers())
        .isEmpty();
    comesBack(model);
  }

  @Test
  void everyTypeOfTensorComesBackMapped() throws IOException {
    Graph.Builder graph = Graph.builder("g");
    for (DType dtype : DType.values()) {
      Tensor tensor = Tensor.zeros(dtype, Shape.of(300, 301));
      if (tensor.array() instanceof byte[] bytes) {
        bytes[77] = 0x5A;
      }
      graph.initializer("w_" + dtype, tensor).output("w_" + dtype, null);
    }
    OnnxModel model = new OnnxModel(graph.build(), ModelInfo.of(25));
    Path file = folder.resolve("m.onnx");
    OnnxWriter.write(model.graph(), model.info(), file);
    OnnxModel read = OnnxReader.read(file);
    assertThat(read.graph()).isEqualTo(model.graph());
    // 2-bit types came with version 13 of the format.
    assertThat(read.info().irVersion()).isEqualTo(13);
    assertThat(read.graph().initializers().get("w_float32").isMapped()).isTrue();
  }

  /** Its weights are mapped from the very file that is replaced. */
  @Test
  void aModelCanBeSavedOverItself() throws IOException {
    float[] weights = new float[500_000];
    weights[1234] = 5;
    Path file = folder.resolve("m.onnx");
    Files.write(
        file,
        OnnxFiles.opset(21)
            .input("x", 500_000)
            .initializer("w", Tensor.of(weights))
            .node(node("a", "Add", List.of("x", "w"), List.of("y")))
            .output("y", 500_000)
            .bytes());
    Model model = Model.load(file);
    model.save(file);
    assertThat(Model.load(file).graph()).isEqualTo(model.graph());
    assertThat(model.graph().initializers().get("w").getFloat(1234)).isEqualTo(5);
    assertThat(Model.load(model.toBytes()).graph()).isEqualTo(model.graph());
  }
}
