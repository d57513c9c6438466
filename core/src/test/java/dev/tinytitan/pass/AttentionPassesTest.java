package dev.tinytitan.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphText;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.DequantizedMatMul;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.FusedAttention;
import dev.tinytitan.op.FusedMatMul;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.QuantizedMatMul;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@link RecognizeAttention} and {@link MergeProjections}. */
class AttentionPassesTest {
  private static final Dim BATCH = new Dim.Symbol("batch");
  private static final Dim LENGTH = new Dim.Symbol("length");
  private static final TensorType ROWS = type(BATCH, LENGTH, Dim.of(6));

  private static TensorType type(Dim... dims) {
    return new TensorType(DType.FLOAT32, List.of(dims));
  }

  /** Two heads of three columns, keys turned in one step or two. */
  private static Graph.Builder attention(boolean inTwoSteps, String scores) {
    Graph.Builder builder =
        Graph.builder("g")
            .input("q", ROWS)
            .input("k", ROWS)
            .input("v", ROWS)
            .input("mask", type(BATCH, Dim.of(1), Dim.of(1), LENGTH))
            .output("y", ROWS)
            .initializer("apart", Tensor.of(new long[] {0, 0, 2, 3}))
            .initializer("together", Tensor.of(new long[] {0, 0, 6}))
            .initializer("root", Tensor.scalar(1.7320508f))
            .initializer("factor", Tensor.scalar(0.75983566f));
    for (String name : List.of("q", "k", "v")) {
      builder.node(new Reshape(false), List.of(name, "apart"), name + "4");
    }
    Transpose out = new Transpose(List.of(0, 2, 1, 3));
    builder.node(out, List.of("q4"), "qh").node(out, List.of("v4"), "vh");
    if (inTwoSteps) {
      builder
          .node(out, List.of("k4"), "kh")
          .node(new Transpose(List.of(0, 1, 3, 2)), List.of("kh"), "kt");
    } else {
      builder.node(new Transpose(List.of(0, 2, 3, 1)), List.of("k4"), "kt");
    }
    switch (scores) {
      case "divided" ->
          builder
              .node(new MatMul(), List.of("qh", "kt"), "product")
              .node(new Div(), List.of("product", "root"), "scaled")
              .node(new Add(), List.of("scaled", "mask"), "scores");
      case "scaled before" ->
          builder
              .node(new Mul(), List.of("qh", "factor"), "qs")
              .node(new Mul(), List.of("factor", "kt"), "ks")
              .node(new MatMul(), List.of("qs", "ks"), "product")
              .node(new Add(), List.of("mask", "product"), "scores");
      default -> builder.node(new MatMul(), List.of("qh", "kt"), "scores");
    }
    return builder
        .node(new Softmax(-1), List.of("scores"), "weights")
        .node(new MatMul(), List.of("weights", "vh"), "heads")
        .node(out, List.of("heads"), "rows")
        .node(new Reshape(false), List.of("rows", "together"), "y");
  }

  private static List<String> lines(Pass pass, Graph graph) {
    return PassTester.apply(pass, graph).nodes().stream().map(GraphText::line).toList();
  }

  @Test
  void scoresDividedAndMasked() {
    assertThat(lines(new RecognizeAttention(), attention(false, "divided").build()))
        .containsExactly("y = FusedAttention{heads=2, scale=0.57735026}(q, k, v, mask)");
  }

  @Test
  void queriesAndKeysScaledBefore() {
    assertThat(lines(new RecognizeAttention(), attention(true, "scaled before").build()))
        .containsExactly("y = FusedAttention{heads=2, scale=0.57735026}(q, k, v, mask)");
  }

  @Test
  void withoutScaleAndMask() {
    assertThat(lines(new RecognizeAttention(), attention(true, "plain").build()))
        .containsExactly("y = FusedAttention{heads=2, scale=1.0}(q, k, v)");
  }

  @Test
  void weightsThatAreReadElsewhereStay() {
    Graph graph =
        attention(false, "divided")
            .output("weights", type(BATCH, Dim.of(2), LENGTH, LENGTH))
            .build();

    PassTester.assertUnchanged(new RecognizeAttention(), graph);
  }

  @Test
  void aMaskThatMakesTheScoresGrowStays() {
    Graph plain = attention(false, "divided").build();
    Graph graph =
        Pipelines.specialize(
            plain, Map.of("mask", type(new Dim.Symbol("others"), Dim.of(1), Dim.of(1), LENGTH)));

    PassTester.assertUnchanged(new RecognizeAttention(), graph);
  }

  @Test
  void threeProjectionsBecomeOne() {
    FusedMatMul product = new FusedMatMul(false, 1, Activation.NONE);
    Graph graph =
        Graph.builder("g")
            .input("x", type(BATCH, LENGTH, Dim.of(2)))
            .initializer("wq", Tensor.of(new float[] {1, 2}, 2, 1))
            .initializer("wk", Tensor.of(new float[] {3, 4}, 2, 1))
            .initializer("wv", Tensor.of(new float[] {5, 6}, 2, 1))
            .initializer("bq", Tensor.of(new float[] {7}))
            .initializer("bv", Tensor.of(new float[] {8}))
            .node(product, List.of("x", "wq", "bq"), "q")
            .node(product, List.of("x", "wk"), "k")
            .node(product, List.of("x", "wv", "bv"), "v")
            .node(new FusedAttention(1, 0.5f, false), List.of("q", "k", "v"), "y")
            .output("y", null)
            .build();

    PassTester.assertBecomes(
        new MergeProjections(),
        graph,
        """
        graph g(x: float32[batch, length, 2]) -> (y)
          const y_qkv_1: float32[2, 3] {1.0, 3.0, 5.0, 2.0, 4.0, 6.0}
          const y_qkv_2: float32[3] {7.0, 0.0, 8.0}
          y_qkv = FusedMatMul{activation="None"}(x, y_qkv_1, y_qkv_2)
          y = FusedAttention{heads=1, scale=0.5, packed=1}(y_qkv)
        """);
  }

  @Test
  void quantizedProjectionsBecomeOneWithAScaleForEachColumn() {
    Graph.Builder builder =
        Graph.builder("g")
            .input("x", type(BATCH, LENGTH, Dim.of(2)))
            .initializer("b", Tensor.of(new float[] {1}));
    List<String> names = List.of("q", "k", "v");
    for (int i = 0; i < 3; i++) {
      String name = names.get(i);
      builder
          .initializer("w" + name, Tensor.of(new byte[] {(byte) (i * 9), (byte) -i}, 2, 1))
          .initializer("s" + name, Tensor.scalar(0.1f * (i + 1)))
          .node(
              new QuantizedMatMul(Activation.NONE),
              List.of("x", "w" + name, "s" + name, "", "b"),
              name);
    }
    Graph graph =
        builder.node(new FusedAttention(1, 0.5f, false), names, "y").output("y", null).build();

    assertThat(lines(new MergeProjections(), graph))
        .containsExactly(
            "y_qkv = QuantizedMatMul(x, y_qkv_1, y_qkv_2, -, y_qkv_4)",
            "y = FusedAttention{heads=1, scale=0.5, packed=1}(y_qkv)");
  }

  /** Scales by matrix, by column, and by group of rows and column. */
  @Test
  void projectionsWithNarrowWeightsBecomeOne() {
    TensorType rows = TensorType.of(DType.FLOAT32, Shape.of(1, 5, 64));
    for (int block : new int[] {0, 16}) {
      for (DType dtype : List.of(DType.INT8, DType.UINT4)) {
        Graph.Builder builder = Graph.builder("g").input("x", rows);
        List<String> names = List.of("q", "k", "v");
        for (int i = 0; i < 3; i++) {
          String name = names.get(i);
          Tensor weights = Tensor.zeros(dtype, Shape.of(64, 64));
          for (int j = 0; j < weights.size(); j++) {
            weights.setLong(j, (j + i) * 7L);
          }
          Tensor zeros = Tensor.zeros(dtype, block == 0 ? Shape.of(64) : Shape.of(4, 64));
          zeros.setLong(3 * i, i);
          Tensor scales =
              block > 0
                  ? PassTester.floats(i, 4, 64)
                  : i == 1 ? Tensor.scalar(0.1f) : PassTester.floats(i, 64);
          boolean shifted = block > 0 ? dtype == DType.UINT4 : i == 2;
          builder
              .initializer("w" + name, weights)
              .initializer("s" + name, scales)
              .initializer("z" + name, zeros)
              .initializer("b" + name, PassTester.floats(9 + i, 64))
              .node(
                  new DequantizedMatMul(
                      new DequantizeLinear(block == 0 ? 1 : 0, block, null),
                      new FusedMatMul(false, 1, Activation.NONE)),
                  shifted
                      ? List.of("x", "w" + name, "b" + name, "", "s" + name, "z" + name)
                      : List.of("x", "w" + name, "b" + name, "", "s" + name),
                  name);
        }
        Graph graph =
            builder.node(new FusedAttention(4, 0.5f, false), names, "y").output("y", rows).build();
        Graph merged = Pipelines.run(graph, List.of(new MergeProjections()), true).graph();

        assertThat(Pipelines.countOperators(merged))
            .containsOnly(Map.entry("DequantizedMatMul", 1), Map.entry("FusedAttention", 1));
        PassTester.assertSameResults(graph, merged, 1e-6, PassTester.randomInputs(graph, 3));
      }
    }
  }

  @Test
  void projectionsOfDifferentInputsStayApart() {
    Graph graph =
        Graph.builder("g")
            .input("x", type(BATCH, LENGTH, Dim.of(2)))
            .input("z", type(BATCH, LENGTH, Dim.of(2)))
            .initializer("w", PassTester.floats(1, 2, 4))
            .node(new MatMul(), List.of("x", "w"), "q")
            .node(new MatMul(), List.of("z", "w"), "k")
            .node(new MatMul(), List.of("z", "w"), "v")
            .node(new FusedAttention(1, 0.5f, false), List.of("q", "k", "v"), "y")
            .output("y", null)
            .build();

    PassTester.assertUnchanged(new MergeProjections(), graph);
  }
}
