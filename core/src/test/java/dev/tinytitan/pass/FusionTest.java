package dev.tinytitan.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphText;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Clip;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.DynamicQuantizeLinear;
import dev.tinytitan.op.Exp;
import dev.tinytitan.op.Gelu;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.MatMulInteger;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.QuantizedMatMul;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * {@link FuseBias}, {@link FuseResiduals}, {@link FuseActivations} and {@link
 * FuseDynamicQuantization}.
 */
class FusionTest {
  private static final TensorType MAPS = TensorType.of(DType.FLOAT32, 1, 2, 4, 4);
  private static final TensorType ROWS =
      new TensorType(DType.FLOAT32, List.of(new Dim.Symbol("batch"), Dim.of(3), Dim.of(4)));
  private static final Conv CONV = new Conv(Window.of(), 1);

  private static List<String> lines(Pass pass, Graph graph) {
    return lines(PassTester.apply(pass, graph));
  }

  private static List<String> lines(Graph graph) {
    return graph.nodes().stream().map(GraphText::line).toList();
  }

  @Test
  void gemmAndMatMulWithABiasAreOneOperator() {
    Graph graph =
        Graph.builder("g")
            .input("x", TensorType.of(DType.FLOAT32, 3, 4))
            .initializer("w", PassTester.floats(1, 4, 4))
            .initializer("b", PassTester.floats(2, 4))
            .node(new Gemm(0.5f, 1, false, true), List.of("x", "w", "b"), "h")
            .node(new MatMul(), List.of("h", "w"), "p")
            .node(new Add(), List.of("b", "p"), "y")
            .output("y", null)
            .build();

    assertThat(lines(new FuseBias(), graph))
        .containsExactly(
            "h = FusedMatMul{transB=1, alpha=0.5, activation=\"None\"}(x, w, b)",
            "y = FusedMatMul{activation=\"None\"}(h, w, b)");
  }

  @Test
  void whatIsNoBiasOfColumnsStays() {
    Graph.Builder builder =
        Graph.builder("g")
            .input("x", TensorType.of(DType.FLOAT32, 3, 4))
            .initializer("w", PassTester.floats(1, 4, 4))
            .initializer("b", PassTester.floats(2, 3, 1))
            .output("y", null);

    PassTester.assertUnchanged(
        new FuseBias(),
        builder
            .node(new MatMul(), List.of("x", "w"), "p")
            .node(new Add(), List.of("b", "p"), "y")
            .build());
  }

  @Test
  void residualsAndActivationsGoIntoTheLaterLayer() {
    Graph graph =
        Graph.builder("g")
            .input("x", MAPS)
            .initializer("w", PassTester.floats(1, 2, 2, 1, 1))
            .initializer("b", PassTester.floats(2, 2))
            .node(CONV, List.of("x", "w"), "short")
            .node(CONV, List.of("x", "w", "b"), "long")
            .node(new Add(), List.of("long", "short"), "sum")
            .node(new Relu(), List.of("sum"), "y")
            .output("y", MAPS)
            .build();

    Graph after = PassTester.apply(new FuseResiduals(), graph);

    assertThat(lines(new FuseActivations(), after))
        .containsExactly(
            "short = Conv(x, w)", "y = FusedConv{activation=\"Relu\"}(x, w, b, short)");
  }

  @Test
  void aResidualThatIsRepeatedStays() {
    Graph graph =
        Graph.builder("g")
            .input("x", MAPS)
            .input("one", TensorType.of(DType.FLOAT32, 1, 2, 1, 1))
            .initializer("w", PassTester.floats(1, 2, 2, 1, 1))
            .node(CONV, List.of("x", "w"), "c")
            .node(new Add(), List.of("c", "one"), "y")
            .output("y", MAPS)
            .build();

    PassTester.assertUnchanged(new FuseResiduals(), graph);
  }

  @Test
  void symbolicShapesAreKnownToBeEqual() {
    Graph graph =
        Graph.builder("g")
            .input("x", ROWS)
            .initializer("w", PassTester.floats(1, 4, 4))
            .node(new MatMul(), List.of("x", "w"), "p")
            .node(new Add(), List.of("x", "p"), "y")
            .output("y", ROWS)
            .build();

    assertThat(lines(new FuseResiduals(), graph))
        .containsExactly("y = FusedMatMul{activation=\"None\"}(x, w, -, x)");
  }

  @Test
  void activationsGoIntoTheLayerBeforeThem() {
    Graph graph =
        Graph.builder("g")
            .input("x", ROWS)
            .initializer("w", PassTester.floats(1, 4, 4))
            .initializer("zero", Tensor.scalar(0f))
            .initializer("six", Tensor.scalar(6f))
            .node(new MatMul(), List.of("x", "w"), "a")
            .node(new Clip(), List.of("a", "zero", "six"), "b")
            .node(new MatMul(), List.of("b", "w"), "c")
            .node(new Gelu(false), List.of("c"), "d")
            .node(new MatMul(), List.of("d", "w"), "e")
            .node(new Exp(), List.of("e"), "y")
            .output("y", ROWS)
            .build();

    assertThat(lines(new FuseActivations(), graph))
        .containsExactly(
            "b = FusedMatMul{activation=\"Clip(0.0, 6.0)\"}(x, w)",
            "d = FusedMatMul{activation=\"Gelu[tanh=false]\"}(b, w)",
            "e = MatMul(d, w)",
            "y = Exp(e)");
  }

  @Test
  void aLayerThatIsReadElsewhereKeepsItsPlainResult() {
    Graph graph =
        Graph.builder("g")
            .input("x", ROWS)
            .initializer("w", PassTester.floats(1, 4, 4))
            .node(new MatMul(), List.of("x", "w"), "a")
            .node(new Relu(), List.of("a"), "b")
            .node(new Add(), List.of("a", "b"), "y")
            .output("y", ROWS)
            .build();

    PassTester.assertUnchanged(new FuseActivations(), graph);
  }

  private static Graph dynamic(boolean bias) {
    Graph.Builder builder =
        Graph.builder("g")
            .input("x", ROWS)
            .initializer("w", Tensor.of(new byte[] {1, -2, 3, 4, 5, -60, 7, 80}, 4, 2))
            .initializer("s", Tensor.of(new float[] {0.1f, 0.03f}))
            .initializer("z", Tensor.of(new byte[] {0, 3}))
            .initializer("b", Tensor.of(new float[] {0.3f, -7}))
            .node(
                Node.of(
                    "quantize",
                    new DynamicQuantizeLinear(),
                    List.of("x"),
                    List.of("xq", "xs", "xz")))
            .node(new MatMulInteger(), List.of("xq", "w", "xz", "z"), "sums")
            .node(new Cast(DType.FLOAT32, true, "up"), List.of("sums"), "floats")
            .node(new Mul(), List.of("s", "xs"), "scales")
            .node(new Mul(), List.of("floats", "scales"), bias ? "product" : "y");
    if (bias) {
      builder.node(new Add(), List.of("b", "product"), "y");
    }
    return builder.output("y", null).build();
  }

  @Test
  void dynamicallyQuantizedProductsTakeResidualAndActivation() {
    Graph graph =
        Graph.builder("g")
            .input("x", ROWS)
            .initializer("w", Tensor.of(new byte[] {1, -2, 3, 4, 5, -60, 7, 80}, 4, 2))
            .initializer("s", Tensor.of(new float[] {0.1f}))
            .node(new QuantizedMatMul(Activation.NONE), List.of("x", "w", "s"), "other")
            .node(new QuantizedMatMul(Activation.NONE), List.of("x", "w", "s"), "product")
            .node(new Add(), List.of("product", "other"), "sum")
            .node(new Relu(), List.of("sum"), "y")
            .output("y", null)
            .build();

    Graph after = PassTester.apply(new FuseResiduals(), graph);
    after = PassTester.apply(new FuseActivations(), after);

    assertThat(lines(after))
        .containsExactly(
            "other = QuantizedMatMul(x, w, s)",
            "y = QuantizedMatMul{activation=\"Relu\"}(x, w, s, -, -, other)");
    PassTester.assertSameResults(graph, after, 0, PassTester.randomInputs(graph, 3));
  }

  @Test
  void dynamicQuantizationIsOneOperatorWithTheSameBits() {
    for (boolean bias : new boolean[] {false, true}) {
      Graph graph = dynamic(bias);
      Graph after = PassTester.apply(new FuseDynamicQuantization(), graph);
      assertThat(lines(after))
          .containsExactly("y = QuantizedMatMul(x, w, s, z" + (bias ? ", b)" : ")"));
      PassTester.assertSameResults(graph, after, 0, PassTester.randomInputs(graph, 3));
    }
  }
}
