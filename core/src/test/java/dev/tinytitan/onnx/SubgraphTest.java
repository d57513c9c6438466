package dev.tinytitan.onnx;

import static dev.tinytitan.onnx.OnnxFiles.attribute;
import static dev.tinytitan.onnx.OnnxFiles.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.UnsupportedModelException;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.onnx.OnnxProto.GraphProto;
import dev.tinytitan.onnx.OnnxProto.NodeProto;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.If;
import dev.tinytitan.op.Relu;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Captured values: explicit in graphs, references to the graphs around in files. */
class SubgraphTest {
  private static final Value CONDITION = Value.of("c", TensorType.of(DType.BOOL));

  private static GraphProto branch(String name, NodeProto node) {
    return OnnxFiles.opset(21).node(node).untypedOutput(node.outputs().get(0)).graph(name);
  }

  private static NodeProto branches(GraphProto thenBranch, GraphProto elseBranch) {
    return node(
        "if",
        "If",
        List.of("c"),
        List.of("y"),
        attribute("then_branch", thenBranch),
        attribute("else_branch", elseBranch));
  }

  private static OnnxFiles model(NodeProto choice) {
    return OnnxFiles.opset(21)
        .input(CONDITION)
        .input("x", 2)
        .initializer("w", Tensor.of(new float[] {1, 2}))
        .node(node("h", "Relu", List.of("x"), List.of("h")))
        .node(choice)
        .output("y", 2);
  }

  @Test
  void capturesAreInputsOfNodeAndBranches() {
    Graph graph =
        model(
                branches(
                    branch("one", node("a", "Add", List.of("x", "w"), List.of("t"))),
                    branch("two", node("b", "Add", List.of("h", "x"), List.of("e")))))
            .read()
            .graph();
    assertThat(graph)
        .hasToString(
            """
            graph main(c: bool[], x: float32[2]) -> (y: float32[2])
              const w: float32[2] {1.0, 2.0}
              h = Relu(x)
              y = If{else_branch=graph two, then_branch=graph one}(c, h, x)
                graph one(h: float32[2], x: float32[2]) -> (t)
                  const w: float32[2] {1.0, 2.0}
                  t = Add(x, w)
                graph two(h: float32[2], x: float32[2]) -> (e)
                  e = Add(h, x)
            """);
  }

  @Test
  void capturesReachThroughSeveralGraphs() {
    NodeProto inner =
        node(
            "inner",
            "If",
            List.of("c"),
            List.of("t"),
            attribute("then_branch", branch("a", node("r", "Relu", List.of("h"), List.of("p")))),
            attribute("else_branch", branch("b", node("r", "Relu", List.of("w"), List.of("p")))));
    OnnxModel model =
        model(
                branches(
                    branch("one", inner),
                    branch("two", node("b", "Relu", List.of("x"), List.of("e")))))
            .read();
    Node outer = model.graph().nodes().get(1);
    assertThat(outer.inputs()).containsExactly("c", "x", "c", "h");
    assertThat(OnnxReader.read(OnnxWriter.toBytes(model.graph(), model.info()))).isEqualTo(model);
  }

  @Test
  void filesReferToTheGraphsAroundAgain() {
    OnnxModel model =
        model(
                branches(
                    branch("one", node("a", "Add", List.of("x", "w"), List.of("t"))),
                    branch("two", node("b", "Add", List.of("h", "x"), List.of("e")))))
            .read();
    GraphProto written = ModelExport.export(model.graph(), model.info()).model().graph();
    NodeProto choice = written.nodes().get(1);
    assertThat(choice.inputs()).containsExactly("c");
    GraphProto elseBranch = choice.attributes().get(0).subgraphs().get(0);
    GraphProto thenBranch = choice.attributes().get(1).subgraphs().get(0);
    assertThat(thenBranch.inputs()).isEmpty();
    assertThat(thenBranch.initializers()).isEmpty();
    assertThat(thenBranch.nodes().get(0).inputs()).containsExactly("x", "w");
    assertThat(elseBranch.nodes().get(0).inputs()).containsExactly("h", "x");
    assertThat(OnnxReader.read(OnnxWriter.toBytes(model.graph(), model.info()))).isEqualTo(model);
  }

  /** A pass may call things in a branch as it likes; a file must not hide names of outer graphs. */
  @Test
  void namesThatWouldHideOthersAreChanged() {
    Graph thenBranch =
        Graph.builder("one")
            .input(Value.of("captured", TensorType.of(DType.FLOAT32, 2)))
            .initializer("w", Tensor.of(new float[] {5, 6}))
            .node(new Add(), List.of("captured", "w"), "h")
            .output("h", null)
            .build();
    Graph elseBranch =
        Graph.builder("two")
            .input(Value.of("x", TensorType.of(DType.FLOAT32, 2)))
            .output("x", null)
            .build();
    Graph graph =
        Graph.builder("main")
            .input(CONDITION)
            .input("x", TensorType.of(DType.FLOAT32, 2))
            .initializer("w", Tensor.of(new float[] {1, 2}))
            .node(new Relu(), List.of("x"), "h")
            .node(new Add(), List.of("h", "w"), "k")
            .node(Node.of("if", new If(thenBranch, elseBranch, 1), List.of("c", "k"), List.of("y")))
            .output("y", TensorType.of(DType.FLOAT32, 2))
            .build();
    Graph read = OnnxReader.read(OnnxWriter.toBytes(graph, ModelInfo.of(21))).graph();
    If choice = (If) read.nodes().get(2).operator();
    assertThat(read.nodes().get(2).inputs()).containsExactly("c", "k");
    assertThat(choice.thenBranch().nodes().get(0).inputs()).containsExactly("k", "w_1");
    assertThat(choice.thenBranch().initializers().get("w_1").toFloatArray()).containsExactly(5, 6);
    // A branch gives a value of its own, as runtimes want it.
    assertThat(choice.elseBranch().nodes().get(0).operator()).isEqualTo(new Identity());
    assertThat(choice.elseBranch().nodes().get(0).inputs()).containsExactly("k");
  }

  @Test
  void unsupportedNodesInBranchesAreListedToo() {
    assertThatThrownBy(() ->
            model(
                    branches(
                        branch("one", node("a", "Frob", List.of("x"), List.of("t"))),
                        branch("two", node("b", "Nicate", List.of("h"), List.of("e")))))
                .read())
        .isInstanceOfSatisfying(
            UnsupportedModelException.class, error -> assertThat(error.problems()).hasSize(2));
  }

  @Test
  void nestingIsBounded() {
    NodeProto node = node("deep", "Relu", List.of("x"), List.of("y"));
    for (int i = 0; i < 70; i++) {
      node =
          branches(
              branch("one", node), branch("two", node("b", "Relu", List.of("x"), List.of("y"))));
    }
    OnnxFiles file = model(node);
    assertThatThrownBy(file::read)
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("nested more than 64 deep");
  }
}
