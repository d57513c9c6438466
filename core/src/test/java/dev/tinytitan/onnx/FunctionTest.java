package dev.tinytitan.onnx;

import static dev.tinytitan.onnx.OnnxFiles.attribute;
import static dev.tinytitan.onnx.OnnxFiles.function;
import static dev.tinytitan.onnx.OnnxFiles.node;
import static dev.tinytitan.onnx.OnnxFiles.reference;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ir.Documentation;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.onnx.OnnxProto.FunctionProto;
import dev.tinytitan.onnx.OnnxProto.NodeProto;
import dev.tinytitan.op.Softmax;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FunctionTest {

  private static OnnxFiles model() {
    return OnnxFiles.opset(21).opset("local", 1).input("x", 1, 4);
  }

  private static NodeProto call(String name, List<String> inputs, List<String> outputs) {
    return node(name, "local", "f", inputs, outputs);
  }

  @Test
  void bodiesStandInPlaceOfCalls() {
    Graph graph =
        model()
            .function(
                function(
                    "f",
                    List.of("a", "b"),
                    List.of("c"),
                    node("sum", "Add", List.of("a", "b"), List.of("h")),
                    node("", "Relu", List.of("h"), List.of("c"))))
            .node(call("one", List.of("x", "x"), List.of("h")))
            .node(call("two", List.of("h", "x"), List.of("y")))
            .output("y", 1, 4)
            .read()
            .graph();
    assertThat(graph)
        .hasToString(
            """
            graph main(x: float32[1, 4]) -> (y: float32[1, 4])
              one/h = Add(x, x)
              h = Relu(one/h)
              two/h = Add(h, x)
              y = Relu(two/h)
            """);
    assertThat(graph.nodes())
        .extracting(Node::name)
        .containsExactly("one/sum", "one/Relu", "two/sum", "two/Relu");
  }

  @Test
  void attributesComeFromTheCallTheDefaultOrNowhere() {
    FunctionProto withDefault =
        new FunctionProto(
            "local",
            "f",
            "",
            List.of("a"),
            List.of("c"),
            List.of(),
            List.of(attribute("dim", 0)),
            List.of(node("", "Softmax", List.of("a"), List.of("c"), reference("axis", "dim"))),
            Map.of("", 21));
    FunctionProto without =
        function(
            "g",
            List.of("a"),
            List.of("c"),
            node("", "Softmax", List.of("a"), List.of("c"), reference("axis", "dim")));
    Graph graph =
        model()
            .function(withDefault)
            .function(without)
            .node(node("", "local", "f", List.of("x"), List.of("a"), attribute("dim", 1)))
            .node(node("", "local", "f", List.of("a"), List.of("b")))
            .node(node("", "local", "g", List.of("b"), List.of("y")))
            .output("y", 1, 4)
            .read()
            .graph();
    assertThat(graph.nodes())
        .extracting(Node::operator)
        .containsExactly(new Softmax(1), new Softmax(0), new Softmax(-1));
  }

  @Test
  void overloadsAreToldApart() {
    NodeProto relu = node("", "Relu", List.of("a"), List.of("c"));
    NodeProto identity = node("", "Identity", List.of("a"), List.of("c"));
    List<FunctionProto> functions = new ArrayList<>();
    for (String overload : List.of("", "other")) {
      functions.add(
          new FunctionProto(
              "local",
              "f",
              overload,
              List.of("a"),
              List.of("c"),
              List.of(),
              List.of(),
              List.of(overload.isEmpty() ? relu : identity),
              Map.of("", 21)));
    }
    Graph graph =
        model()
            .function(functions.get(0))
            .function(functions.get(1))
            .node(
                new NodeProto(
                    "n",
                    "f",
                    "local",
                    "other",
                    List.of("x"),
                    List.of("y"),
                    List.of(),
                    Documentation.NONE))
            .output("y", 1, 4)
            .read()
            .graph();
    assertThat(graph.nodes().get(0).operator().spec().name()).isEqualTo("Identity");
  }

  @Test
  void functionsHaveOpsetsOfTheirOwn() {
    FunctionProto old =
        new FunctionProto(
            "local",
            "f",
            "",
            List.of("a"),
            List.of("c"),
            List.of(),
            List.of(),
            List.of(node("", "Softmax", List.of("a"), List.of("c"), attribute("axis", 0))),
            Map.of("", 11));
    Graph graph =
        model()
            .function(old)
            .node(call("n", List.of("x"), List.of("y")))
            .output("y", 1, 4)
            .read()
            .graph();
    assertThat(graph.nodes())
        .extracting(node -> node.operator().spec().name())
        .containsExactly("Shape", "Flatten", "Softmax", "Reshape");
  }

  @Test
  void anOutputMayBeAnInputOrAbsent() {
    Graph graph =
        model()
            .function(
                function(
                    "f",
                    List.of("a"),
                    List.of("a", "c"),
                    node("", "Relu", List.of("a"), List.of("c"))))
            .node(call("n", List.of("x"), List.of("y", "")))
            .output("y", 1, 4)
            .read()
            .graph();
    assertThat(graph.nodes().get(1).toString()).contains("Identity");
    assertThat(graph.nodes().get(1).inputs()).containsExactly("x");
    assertThat(graph.nodes().get(1).outputs()).containsExactly("y");
  }

  @Test
  void recursionIsRefused() {
    assertThatThrownBy(() ->
            model()
                .function(
                    function(
                        "f",
                        List.of("a"),
                        List.of("c"),
                        node("", "local", "f", List.of("a"), List.of("c"))))
                .node(call("n", List.of("x"), List.of("y")))
                .output("y", 1, 4)
                .read())
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("Function 'f' calls itself");
  }

  /** Each function calls the next one ten times: 10^20 nodes from a few lines. */
  @Test
  void growthIsBounded() {
    OnnxFiles file = model();
    for (int level = 0; level < 20; level++) {
      NodeProto[] nodes = new NodeProto[10];
      for (int i = 0; i < nodes.length; i++) {
        String in = i == 0 ? "a" : "h" + (i - 1);
        String out = i == nodes.length - 1 ? "c" : "h" + i;
        nodes[i] =
            level == 19
                ? node("", "Relu", List.of(in), List.of(out))
                : node("", "local", "f" + (level + 1), List.of(in), List.of(out));
      }
      file.function(function("f" + level, List.of("a"), List.of("c"), nodes));
    }
    file.node(node("n", "local", "f0", List.of("x"), List.of("y"))).output("y", 1, 4);
    assertThatThrownBy(file::read)
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("too large when put in place of their calls");
  }

  @Test
  void referencesOutsideFunctionsAreRefused() {
    assertThatThrownBy(() ->
            model()
                .node(node("n", "Softmax", List.of("x"), List.of("y"), reference("axis", "q")))
                .output("y", 1, 4)
                .read())
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("refers to attribute 'q' of a function");
  }
}
