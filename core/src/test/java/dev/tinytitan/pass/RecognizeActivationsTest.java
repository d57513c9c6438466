package dev.tinytitan.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphText;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Clip;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Erf;
import dev.tinytitan.op.HardSigmoid;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Pow;
import dev.tinytitan.op.Sigmoid;
import dev.tinytitan.op.Softplus;
import dev.tinytitan.op.Tanh;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecognizeActivationsTest {
  private static final TensorType TYPE = TensorType.of(DType.FLOAT32, 2, 3);

  private static Graph.Builder graph() {
    return Graph.builder("g").input("x", TYPE).output("y", TYPE);
  }

  private static Graph.Builder number(Graph.Builder builder, String name, double number) {
    return builder.initializer(name, Tensor.scalar((float) number));
  }

  private static void assertOneNode(Graph.Builder builder, String line) {
    Graph after = PassTester.apply(new RecognizeActivations(), builder.build());
    assertThat(after.nodes().stream().map(GraphText::line)).containsExactly(line);
    assertThat(after.initializers()).isEmpty();
  }

  @Test
  void hardSwishFromClipMulDiv() {
    Graph.Builder builder = graph();
    number(builder, "three", 3);
    number(builder, "zero", 0);
    number(builder, "six", 6);
    builder
        .node(new Add(), List.of("x", "three"), "shifted")
        .node(new Clip(), List.of("shifted", "zero", "six"), "clipped")
        .node(new Mul(), List.of("x", "clipped"), "product")
        .node(new Div(), List.of("product", "six"), "y");
    assertOneNode(builder, "y = HardSwish(x)");
  }

  @Test
  void hardSwishFromHardSigmoid() {
    assertOneNode(
        graph()
            .node(new HardSigmoid(1 / 6f, 0.5f), List.of("x"), "gate")
            .node(new Mul(), List.of("gate", "x"), "y"),
        "y = HardSwish(x)");
  }

  @Test
  void hardSigmoidFromClipDiv() {
    Graph.Builder builder = graph();
    number(builder, "three", 3);
    number(builder, "zero", 0);
    number(builder, "six", 6);
    builder
        .node(new Add(), List.of("three", "x"), "shifted")
        .node(new Clip(), List.of("shifted", "zero", "six"), "clipped")
        .node(new Div(), List.of("clipped", "six"), "y");
    assertOneNode(builder, "y = HardSigmoid{alpha=0.16666667}(x)");
  }

  @Test
  void siluFromSigmoid() {
    assertOneNode(
        graph()
            .node(new Sigmoid(), List.of("x"), "gate")
            .node(new Mul(), List.of("x", "gate"), "y"),
        "y = Swish(x)");
  }

  @Test
  void mishFromSoftplusAndTanh() {
    assertOneNode(
        graph()
            .node(new Softplus(), List.of("x"), "plus")
            .node(new Tanh(), List.of("plus"), "gate")
            .node(new Mul(), List.of("x", "gate"), "y"),
        "y = Mish(x)");
  }

  @Test
  void geluFromErfAsBertExportsIt() {
    Graph.Builder builder = graph();
    number(builder, "root", 1.4142135381698608);
    number(builder, "one", 1);
    number(builder, "half", 0.5);
    builder
        .node(new Div(), List.of("x", "root"), "inner")
        .node(new Erf(), List.of("inner"), "erf")
        .node(new Add(), List.of("erf", "one"), "gate")
        .node(new Mul(), List.of("x", "gate"), "product")
        .node(new Mul(), List.of("product", "half"), "y");
    assertOneNode(builder, "y = Gelu(x)");
  }

  @Test
  void geluFromErfWithTheHalfFirst() {
    Graph.Builder builder = graph();
    number(builder, "root", 0.70710677);
    number(builder, "one", 1);
    number(builder, "half", 0.5);
    builder
        .node(new Mul(), List.of("half", "x"), "halved")
        .node(new Mul(), List.of("x", "root"), "inner")
        .node(new Erf(), List.of("inner"), "erf")
        .node(new Add(), List.of("one", "erf"), "gate")
        .node(new Mul(), List.of("halved", "gate"), "y");
    assertOneNode(builder, "y = Gelu(x)");
  }

  @Test
  void geluFromTanhWithPow() {
    Graph.Builder builder = graph();
    number(builder, "three", 3);
    number(builder, "cubic", 0.044715);
    number(builder, "root", 0.7978846);
    number(builder, "one", 1);
    number(builder, "half", 0.5);
    builder
        .node(new Pow(), List.of("x", "three"), "cube")
        .node(new Mul(), List.of("cube", "cubic"), "term")
        .node(new Add(), List.of("x", "term"), "sum")
        .node(new Mul(), List.of("sum", "root"), "inner")
        .node(new Tanh(), List.of("inner"), "tanh")
        .node(new Add(), List.of("tanh", "one"), "gate")
        .node(new Mul(), List.of("x", "half"), "halved")
        .node(new Mul(), List.of("halved", "gate"), "y");
    assertOneNode(builder, "y = Gelu{approximate=\"tanh\"}(x)");
  }

  @Test
  void anotherCoefficientIsAnotherFunction() {
    Graph.Builder builder = graph();
    number(builder, "root", 1.5);
    number(builder, "one", 1);
    number(builder, "half", 0.5);
    Graph graph =
        builder
            .node(new Div(), List.of("x", "root"), "inner")
            .node(new Erf(), List.of("inner"), "erf")
            .node(new Add(), List.of("erf", "one"), "gate")
            .node(new Mul(), List.of("x", "gate"), "product")
            .node(new Mul(), List.of("product", "half"), "y")
            .build();
    PassTester.assertUnchanged(new RecognizeActivations(), graph);
  }

  @Test
  void theWholeIsRecognizedThoughAPartIsReadElsewhere() {
    Graph graph =
        graph()
            .node(new Sigmoid(), List.of("x"), "gate")
            .node(new Mul(), List.of("x", "gate"), "y")
            .output("gate", TYPE)
            .build();
    PassTester.assertBecomes(
        new RecognizeActivations(),
        graph,
        """
        graph g(x: float32[2, 3]) -> (y: float32[2, 3], gate: float32[2, 3])
          gate = Sigmoid(x)
          y = Swish(x)
        """);
  }
}
