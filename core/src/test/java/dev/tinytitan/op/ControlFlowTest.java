package dev.tinytitan.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Verifier;
import dev.tinytitan.onnx.OnnxModel;
import dev.tinytitan.onnx.OnnxReader;
import dev.tinytitan.onnx.OnnxWriter;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class ControlFlowTest {
  private static final TensorType VECTOR =
      new TensorType(DType.FLOAT32, List.of(new Dim.Symbol("n")));
  private static final TensorType BOOL = TensorType.of(DType.BOOL);
  private static final TensorType LONG = TensorType.of(DType.INT64);

  private static Tensor truth(boolean value) {
    return Tensor.of(new boolean[] {value}).reshape(Shape.scalar());
  }

  /** Doubles a vector's length each time, stacks the sum of input and capture. */
  private static Graph growing() {
    return Graph.builder("body")
        .input("i", LONG)
        .input("go", BOOL)
        .input("carried", null)
        .input("captured", null)
        .node(new Identity(), List.of("go"), "on")
        .node(new Concat(0), List.of("carried", "carried"), "longer")
        .node(new Add(), List.of("captured", "captured"), "twice")
        .output("on", BOOL)
        .output("longer", null)
        .output("twice", null)
        .build();
  }

  private static Graph around(Graph body) {
    return Graph.builder("loop")
        .input("trips", LONG)
        .input("x", TensorType.of(DType.FLOAT32, 1))
        .input("c", VECTOR)
        .node(
            Node.of(
                "loop", new Loop(body, 1), List.of("trips", "", "x", "c"), List.of("last", "all")))
        .output("last", null)
        .output("all", null)
        .build();
  }

  @Test
  void loopCarriesGrowingValuesAndStacks() {
    Graph graph = around(growing());
    Verifier.verify(graph);
    Tensor x = Tensor.of(new float[] {1});
    Tensor c = Tensor.of(new float[] {2, 3});
    List<Tensor> three = Interpreter.run(graph, List.of(Tensor.scalar(3L), x, c));
    assertThat(three.get(0).shape()).isEqualTo(Shape.of(8));
    assertThat(three.get(1)).isEqualTo(Tensor.of(new float[] {4, 6, 4, 6, 4, 6}, 3, 2));
    List<Tensor> none = Interpreter.run(graph, List.of(Tensor.scalar(-1L), x, c));
    assertThat(none.get(0)).isEqualTo(x);
    assertThat(none.get(1).shape()).isEqualTo(Shape.of(0, 2));
    assertThat(none.get(1).dtype()).isEqualTo(DType.FLOAT32);
  }

  @Test
  void loopTypesSettleWhereShapesChange() {
    var types = TypeInference.infer(around(growing()));
    assertThat(types.get("last")).isEqualTo(new TensorType(DType.FLOAT32, List.of(Dim.UNKNOWN)));
    assertThat(types.get("all"))
        .isEqualTo(new TensorType(DType.FLOAT32, List.of(Dim.UNKNOWN, new Dim.Symbol("n"))));
  }

  @Test
  void aConstantTripCountTellsTheStackedLength() {
    Graph body =
        Graph.builder("body")
            .input("i", LONG)
            .input("go", BOOL)
            .node(new Identity(), List.of("i"), "number")
            .output("go", BOOL)
            .output("number", LONG)
            .build();
    Graph graph =
        Graph.builder("loop")
            .initializer("trips", Tensor.scalar(4L))
            .initializer("yes", truth(true))
            .node(Node.of("loop", new Loop(body, 0), List.of("trips", "yes"), List.of("all")))
            .output("all", null)
            .build();
    assertThat(TypeInference.infer(graph).get("all")).isEqualTo(TensorType.of(DType.INT64, 4));
    assertThat(Interpreter.run(graph, List.of()).get(0).toLongArray()).containsExactly(0, 1, 2, 3);
  }

  @Test
  void theConditionEndsALoop() {
    // Goes on while the carried number is not zero; the trip count is left out.
    Graph body =
        Graph.builder("body")
            .input("i", LONG)
            .input("go", BOOL)
            .input("number", LONG)
            .initializer("minus", Tensor.scalar(-1L))
            .initializer("none", Tensor.of(new long[0]))
            .node(new Add(), List.of("number", "minus"), "less")
            .node(new ConstantOfShape(Tensor.of(new boolean[] {false})), List.of("none"), "off")
            .output("off", BOOL)
            .output("less", LONG)
            .build();
    Graph graph =
        Graph.builder("loop")
            .input("x", LONG)
            .input("go", BOOL)
            .node(Node.of("loop", new Loop(body, 0), List.of("", "go", "x"), List.of("y")))
            .output("y", null)
            .build();
    assertThat(Interpreter.run(graph, List.of(Tensor.scalar(5L), truth(true))).get(0))
        .isEqualTo(Tensor.scalar(4L));
    assertThat(Interpreter.run(graph, List.of(Tensor.scalar(5L), truth(false))).get(0))
        .isEqualTo(Tensor.scalar(5L));
  }

  @Test
  void deeplyNestedLoopsAreInferredInTime() {
    Graph body = growing();
    for (int depth = 0; depth < 40; depth++) {
      body =
          Graph.builder("body" + depth)
              .input("i", LONG)
              .input("go", BOOL)
              .input("carried", null)
              .input("captured", null)
              .node(
                  Node.of(
                      "inner",
                      new Loop(body, 1),
                      List.of("i", "go", "carried", "captured"),
                      List.of("longer", "")))
              .output("go", BOOL)
              .output("longer", null)
              .output("captured", null)
              .build();
    }
    assertThat(TypeInference.infer(around(body)).get("last"))
        .isEqualTo(TensorType.unknown(DType.FLOAT32));
  }

  private static Graph branch(String name, int axis) {
    return Graph.builder(name)
        .input("x", null)
        .input("axes", null)
        .initializer("axis", Tensor.of(new long[] {axis}))
        .node(new Squeeze(), List.of("x", "axis"), "squeezed")
        .output("squeezed", null)
        .build();
  }

  private static Graph choosing(Graph thenBranch, Graph elseBranch, TensorType x) {
    return Graph.builder("if")
        .input("which", BOOL)
        .input("x", x)
        .input("axes", LONG)
        .node(new If(thenBranch, elseBranch, 2), List.of("which", "x", "axes"), "y")
        .output("y", null)
        .build();
  }

  @Test
  void ifTakesOneBranchAndIgnoresOneThatDoesNotFit() {
    TensorType row = TensorType.of(DType.FLOAT32, 1, 2);
    Graph graph = choosing(branch("first", 0), branch("second", 1), row);
    assertThat(TypeInference.infer(graph).get("y")).isEqualTo(TensorType.of(DType.FLOAT32, 2));
    Tensor x = Tensor.of(new float[] {1, 2}, 1, 2);
    assertThat(Interpreter.run(graph, List.of(truth(true), x, Tensor.scalar(0L))).get(0))
        .isEqualTo(Tensor.of(new float[] {1, 2}));
    assertThatThrownBy(() -> Interpreter.run(graph, List.of(truth(false), x, Tensor.scalar(0L))))
        .isInstanceOf(ShapeMismatchException.class);
    TensorType either = TensorType.of(DType.FLOAT32, 1, 1);
    assertThat(TypeInference.infer(choosing(branch("a", 0), branch("b", 1), either)).get("y"))
        .isEqualTo(TensorType.of(DType.FLOAT32, 1));
  }

  @Test
  void ifOfUnequalBranchesIsRefused() {
    Graph empty = Graph.builder("empty").build();
    assertThatThrownBy(() -> new If(empty, branch("other", 0), 0))
        .isInstanceOf(MalformedModelException.class);
    assertThatThrownBy(() -> new Loop(empty, 0)).isInstanceOf(MalformedModelException.class);
  }

  private static Graph summing() {
    return Graph.builder("body")
        .input("sum", null)
        .input("next", null)
        .input("offset", null)
        .node(new Add(), List.of("sum", "next"), "so far")
        .node(new Add(), List.of("so far", "offset"), "shifted")
        .output("so far", null)
        .output("shifted", null)
        .build();
  }

  private static Graph scanning(Scan scan, TensorType x) {
    return Graph.builder("scan")
        .input("start", TensorType.of(DType.FLOAT32, 2))
        .input("x", x)
        .input("offset", TensorType.of(DType.FLOAT32))
        .node(Node.of("scan", scan, List.of("start", "x", "offset"), List.of("end", "all")))
        .output("end", null)
        .output("all", null)
        .build();
  }

  @Test
  void scanSlicesAndStacksAlongAnyAxisInAnyDirection() {
    Scan scan = new Scan(summing(), 1, 1, List.of(-1), List.of(1), List.of(1), List.of(1));
    Graph graph = scanning(scan, TensorType.of(DType.FLOAT32, 2, 3));
    Verifier.verify(graph);
    assertThat(TypeInference.infer(graph).get("all")).isEqualTo(TensorType.of(DType.FLOAT32, 2, 3));
    List<Tensor> inputs =
        List.of(
            Tensor.of(new float[2]),
            Tensor.of(new float[] {1, 2, 3, 10, 20, 30}, 2, 3),
            Tensor.scalar(100f));
    List<Tensor> results = Interpreter.run(graph, inputs);
    assertThat(results.get(0)).isEqualTo(Tensor.of(new float[] {6, 60}));
    // The last slice is first, and its result stands last.
    assertThat(results.get(1))
        .isEqualTo(Tensor.of(new float[] {106, 105, 103, 160, 150, 130}, 2, 3));
    OnnxModel back = OnnxReader.read(OnnxWriter.toBytes(graph, ModelInfo.of(9)));
    assertThat(back.info().opset()).isEqualTo(11);
    assertThat(Interpreter.run(back.graph(), inputs)).isEqualTo(results);
  }

  @Test
  void scanOfNothingGivesItsStart() {
    Scan scan = new Scan(summing(), 1, 1, List.of(), List.of(), List.of(), List.of());
    Graph graph = scanning(scan, TensorType.of(DType.FLOAT32, 0, 2));
    List<Tensor> results =
        Interpreter.run(
            graph,
            List.of(
                Tensor.of(new float[] {7, 8}),
                Tensor.zeros(DType.FLOAT32, Shape.of(0, 2)),
                Tensor.scalar(1f)));
    assertThat(results.get(0)).isEqualTo(Tensor.of(new float[] {7, 8}));
    assertThat(results.get(1).shape()).isEqualTo(Shape.of(0, 2));
  }

  @Test
  void capturesSurviveAFile() {
    Graph graph = around(growing());
    OnnxModel back = OnnxReader.read(OnnxWriter.toBytes(graph, ModelInfo.of(11)));
    List<Tensor> inputs =
        List.of(Tensor.scalar(2L), Tensor.of(new float[] {1}), Tensor.of(new float[] {2, 3}));
    assertThat(Interpreter.run(back.graph(), inputs)).isEqualTo(Interpreter.run(graph, inputs));
  }
}
