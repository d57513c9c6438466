package dev.tinytitan.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphText;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@link PassTester#apply} also checks that the results are the same, but for rounding. */
class FuseQuantizedProductsTest {

  /** A float input x and its grid; the matrix w of int8 with a scale for each column; a bias b. */
  private static Graph.Builder graph(DType dtype, int... dims) {
    Tensor zero = Tensor.zeros(dtype, Shape.scalar());
    zero.setLong(0, dtype == DType.UINT8 ? 131 : 3);
    return Graph.builder("g")
        .input("x", TensorType.of(DType.FLOAT32, dims))
        .initializer("xs", Tensor.scalar(0.02f))
        .initializer("xz", zero)
        .initializer("w", Tensor.of(new byte[] {1, -2, 3, 4, 5, -60, 7, 80}, 4, 2))
        .initializer("ws", Tensor.of(new float[] {0.1f, 0.03f}))
        .initializer("b", Tensor.of(new float[] {0.3f, -7}))
        .initializer("shape", Tensor.of(new long[] {3, 4}))
        .node(new DequantizeLinear(1), List.of("w", "ws"), "wf");
  }

  private static Graph.Builder quantize(Graph.Builder builder, String x, String q) {
    return builder.node(new QuantizeLinear(1), List.of(x, "xs", "xz"), q);
  }

  private static Graph.Builder dequantize(Graph.Builder builder, String q, String x) {
    return builder.node(new DequantizeLinear(1), List.of(q, "xs", "xz"), x);
  }

  private static List<String> fused(Graph graph) {
    Graph after = PassTester.apply(new FuseQuantizedProducts(), graph);
    return PassTester.apply(new DropUnused(), after).nodes().stream().map(GraphText::line).toList();
  }

  @Test
  void theProductQuantizesWhatQuantizeLinearReads() {
    for (DType dtype : List.of(DType.UINT8, DType.INT8)) {
      Graph.Builder builder = quantize(graph(dtype, 2, 3, 4), "x", "q");
      Graph graph =
          dequantize(builder, "q", "xf")
              .node(new MatMul(), List.of("xf", "wf"), "p")
              .node(new Add(), List.of("b", "p"), "y")
              .output("y", null)
              .build();

      assertThat(fused(graph))
          .containsExactly("y = QuantizedMatMul{scale=0.02, zero_point=131}(x, w, p_scales, -, b)");
    }
  }

  @Test
  void moversBetweenThemGoBackToFloats() {
    Graph.Builder builder = quantize(graph(DType.UINT8, 4, 3), "x", "q");
    builder
        .node(new Transpose(List.of(1, 0)), List.of("q"), "turned")
        .node(new Reshape(false), List.of("turned", "shape"), "rows");
    Graph graph =
        dequantize(builder, "rows", "xf")
            .node(new MatMul(), List.of("xf", "wf"), "y")
            .output("y", null)
            .build();

    assertThat(fused(graph))
        .containsExactly(
            "turned_float = Transpose{perm=[1, 0]}(x)",
            "rows_float = Reshape(turned_float, shape)",
            "y = QuantizedMatMul{scale=0.02, zero_point=131}(rows_float, w, y_scales)");
  }

  @Test
  void whatOthersReadToo() {
    Graph.Builder builder = quantize(graph(DType.UINT8, 4, 3), "x", "q");
    builder.node(new Transpose(List.of(1, 0)), List.of("q"), "turned");
    Graph graph =
        dequantize(builder, "turned", "xf")
            .node(new MatMul(), List.of("xf", "wf"), "y")
            .output("y", null)
            .output("turned", null)
            .build();

    // The integers are there in any case.
    assertThat(fused(graph))
        .contains("y = QuantizedMatMul{scale=0.02, zero_point=131}(xf, w, y_scales)");
  }

  @Test
  void gemmBringsItsBias() {
    Graph.Builder builder = quantize(graph(DType.UINT8, 3, 4), "x", "q");
    Graph graph =
        dequantize(builder, "q", "xf")
            .node(new Gemm(1, 1, false, false), List.of("xf", "wf", "b"), "y")
            .output("y", null)
            .build();

    assertThat(fused(graph))
        .containsExactly("y = QuantizedMatMul{scale=0.02, zero_point=131}(x, w, y_scales, -, b)");
  }

  @Test
  void otherProductsStayInFloats() {
    for (Operator operator : List.of(new Gemm(2, 1, false, false), new Gemm(1, 1, true, false))) {
      Graph.Builder builder = quantize(graph(DType.UINT8, 4, 4), "x", "q");
      PassTester.assertUnchanged(
          new FuseQuantizedProducts(),
          dequantize(builder, "q", "xf")
              .node(operator, List.of("xf", "wf"), "y")
              .output("y", null)
              .build());
    }
    // A float activation beside a narrow weight; and scales along the sums.
    PassTester.assertUnchanged(
        new FuseQuantizedProducts(),
        graph(DType.UINT8, 3, 4)
            .node(new MatMul(), List.of("x", "wf"), "y")
            .output("y", null)
            .build());
    Graph.Builder builder = quantize(graph(DType.UINT8, 3, 2), "x", "q");
    builder
        .initializer("v", Tensor.of(new byte[] {1, 2, 3, 4}, 2, 2))
        .node(new DequantizeLinear(0), List.of("v", "ws"), "vf");
    PassTester.assertUnchanged(
        new FuseQuantizedProducts(),
        dequantize(builder, "q", "xf")
            .node(new MatMul(), List.of("xf", "vf"), "y")
            .output("y", null)
            .build());
  }
}
