package dev.tinytitan.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Relu;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeepNarrowWeightsTest {
  private static final TensorType ROWS = TensorType.of(DType.FLOAT32, Shape.of(3, 64));

  private static Tensor integers(DType dtype, int rows, int columns) {
    Tensor tensor = Tensor.zeros(dtype, Shape.of(rows, columns));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setLong(i, i * 7L);
    }
    return tensor;
  }

  private static Tensor scales(int... dims) {
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, 1f / (i + 9));
    }
    return tensor;
  }

  private static List<String> optimized(Graph graph) {
    Graph ready = Pipelines.run(graph, Pipelines.inference(), true).graph();
    PassTester.assertSameResults(graph, ready, 1e-5, PassTester.randomInputs(graph, 3));
    return ready
        .toString()
        .lines()
        .map(String::strip)
        .filter(line -> line.contains(" = "))
        .toList();
  }

  @Test
  void aProductTakesItsMatrixAsItIsStored() {
    Graph graph =
        Graph.builder("g")
            .input("x", ROWS)
            .initializer("w", integers(DType.UINT4, 64, 96))
            .initializer("s", scales(2, 96))
            .initializer("z", integers(DType.UINT4, 2, 96))
            .initializer("b", scales(96))
            .node(new DequantizeLinear(0, 32, null), List.of("w", "s", "z"), "wide")
            .node(new MatMul(), List.of("x", "wide"), "product")
            .node(new Add(), List.of("product", "b"), "biased")
            .node(new Relu(), List.of("biased"), "y")
            .output("y", TensorType.of(DType.FLOAT32, Shape.of(3, 96)))
            .build();

    assertThat(optimized(graph))
        .singleElement()
        .asString()
        .startsWith("y = DequantizedMatMul{")
        .contains("activation=\"Relu\"", "block_size=32")
        .endsWith("(x, w, b, -, s, z)");
  }

  @Test
  void rowsOfATableAreDequantizedAfterTheyArePicked() {
    TensorType picks = TensorType.of(DType.INT64, Shape.of(2, 3));
    for (DequantizeLinear weights :
        List.of(
            new DequantizeLinear(1, 16, null), new DequantizeLinear(0), new DequantizeLinear(1))) {
      Tensor scales =
          weights.blockSize() > 0 ? scales(80, 4) : scales(weights.axis() == 0 ? 80 : 64);
      Graph graph =
          Graph.builder("g")
              .input("x", picks)
              .initializer("w", integers(DType.INT8, 80, 64))
              .initializer("s", scales)
              .node(weights, List.of("w", "s"), "wide")
              .node(new Gather(0), List.of("wide", "x"), "y")
              .output("y", TensorType.of(DType.FLOAT32, Shape.of(2, 3, 64)))
              .build();

      List<String> nodes = optimized(graph);
      assertThat(nodes.get(0)).isEqualTo("y_integers = Gather(w, x)");
      assertThat(nodes.get(nodes.size() - 1)).startsWith("y = DequantizeLinear");
    }
  }

  @Test
  void whatOthersReadBecomesFloat() {
    Graph graph =
        Graph.builder("g")
            .input("x", ROWS)
            .initializer("w", integers(DType.INT8, 64, 64))
            .initializer("s", Tensor.scalar(0.5f))
            .node(new DequantizeLinear(1), List.of("w", "s"), "wide")
            .node(new MatMul(), List.of("x", "wide"), "product")
            .node(new Mul(), List.of("wide", "wide"), "square")
            .node(new MatMul(), List.of("product", "square"), "y")
            .output("y", ROWS)
            .build();

    assertThat(optimized(graph)).noneMatch(node -> node.contains("Dequantize"));
  }
}
