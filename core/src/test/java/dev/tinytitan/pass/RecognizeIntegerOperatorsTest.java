package dev.tinytitan.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphText;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Verifier;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.AveragePool;
import dev.tinytitan.op.Clip;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Flatten;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.GlobalAveragePool;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.MaxPool;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Pad;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Sigmoid;
import dev.tinytitan.op.Squeeze;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecognizeIntegerOperatorsTest {

  /** Writes graphs of Q and DQ: every scale a power of two, so that the float reading is exact. */
  private static final class Qdq {
    private final Graph.Builder builder;

    Qdq(TensorType... inputs) {
      builder = Graph.builder("g");
      for (int i = 0; i < inputs.length; i++) {
        builder.input("x" + i, inputs[i]);
      }
    }

    Qdq grid(String name, float scale, int zero) {
      builder.initializer(name + "_s", Tensor.scalar(scale));
      Tensor zeroPoint = Tensor.zeros(DType.UINT8, Shape.scalar());
      zeroPoint.setLong(0, zero);
      builder.initializer(name + "_z", zeroPoint);
      return this;
    }

    Qdq dequantize(String value, String grid, String result) {
      builder.node(new DequantizeLinear(1), List.of(value, grid + "_s", grid + "_z"), result);
      return this;
    }

    Qdq quantize(String value, String grid, String result) {
      builder.node(new QuantizeLinear(1), List.of(value, grid + "_s", grid + "_z"), result);
      return this;
    }

    /** Int8 weights with a scale for each of the first dimension. */
    Qdq weights(String name, Tensor integers, float... scales) {
      builder
          .initializer(name + "_q", integers)
          .initializer(name + "_s", Tensor.of(scales))
          .node(new DequantizeLinear(0), List.of(name + "_q", name + "_s"), name);
      return this;
    }

    /** An int32 bias with these scales. */
    Qdq bias(String name, int[] integers, float... scales) {
      builder
          .initializer(name + "_q", Tensor.of(integers))
          .initializer(name + "_s", Tensor.of(scales))
          .node(new DequantizeLinear(0), List.of(name + "_q", name + "_s"), name);
      return this;
    }

    Qdq node(Operator operator, String result, String... inputs) {
      builder.node(operator, List.of(inputs), result);
      return this;
    }

    Graph output(String value, int... dims) {
      return builder.output(value, TensorType.of(DType.UINT8, dims)).build();
    }
  }

  private static TensorType bytes(int... dims) {
    return TensorType.of(DType.UINT8, dims);
  }

  private static Tensor int8(int seed, int... dims) {
    return integers(DType.INT8, seed, dims);
  }

  /** Any values of an integer type. */
  private static Tensor integers(DType dtype, int seed, int... dims) {
    Tensor tensor = Tensor.zeros(dtype, Shape.of(dims));
    Random random = new Random(seed);
    int lowest = dtype.isUnsigned() ? 0 : -(1 << (dtype.bits() - 1));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setLong(i, lowest + random.nextInt(1 << dtype.bits()));
    }
    return tensor;
  }

  /** The integer form of a graph; on random bytes both must give the same integers. */
  private static Graph recognize(Graph graph) {
    Verifier.verify(graph);
    Graph after = Pipelines.run(graph, Pipelines.semantics(), true).graph();
    assertThat(after.outputs()).isEqualTo(graph.outputs());
    Random random = new Random(7);
    List<Tensor> inputs =
        graph.inputs().stream()
            .map(input -> {
              Tensor tensor = Tensor.zeros(input.tensorType().dtype(), input.tensorType().shape());
              for (int i = 0; i < tensor.size(); i++) {
                tensor.setLong(i, random.nextInt(256));
              }
              return tensor;
            })
            .toList();
    assertThat(Interpreter.run(after, inputs)).isEqualTo(Interpreter.run(graph, inputs));
    assertThat(Pipelines.run(after, Pipelines.semantics(), true).graph()).isSameAs(after);
    return after;
  }

  private static List<String> lines(Graph graph) {
    return graph.nodes().stream().map(GraphText::line).toList();
  }

  @Test
  void convolutionWithReluAndBias() {
    Graph graph =
        new Qdq(bytes(1, 2, 4, 4))
            .grid("x", 0.5f, 3)
            .grid("y", 8, 10)
            .dequantize("x0", "x", "x")
            .weights("w", int8(1, 2, 2, 3, 3), 0.25f, 0.5f)
            .bias("b", new int[] {100, -200}, 0.125f, 0.25f)
            .node(new Conv(Window.of().withPads(1, 1, 1, 1), 1), "sums", "x", "w", "b")
            .node(new Relu(), "positive", "sums")
            .quantize("positive", "y", "y")
            .output("y", 1, 2, 4, 4);

    assertThat(GraphText.of(recognize(graph)))
        .isEqualTo(
            """
            graph g(x0: uint8[1, 2, 4, 4]) -> (y: uint8[1, 2, 4, 4])
              const w_q: int8[2, 2, 3, 3]
              const sums_bias: int32[2] {100, -200}
              const sums_multipliers: float32[2] {0.015625, 0.03125}
              y = IntegerConv{pads=[1, 1, 1, 1], x_zero_point=3, dtype="uint8", zero_point=10, \
            range=[10, 255]}(x0, w_q, sums_multipliers, sums_bias)
            """);
  }

  @ParameterizedTest
  @EnumSource(names = {"INT4", "UINT4", "INT2", "UINT2"})
  void packedWeightsAreWidened(DType packed) {
    Tensor weights = integers(packed, 3, 2, 2, 3, 3);
    Graph graph =
        new Qdq(bytes(1, 2, 4, 4))
                .grid("x", 0.5f, 3)
                .grid("y", 8, 10)
                .dequantize("x0", "x", "x")
                .node(new DequantizeLinear(0), "w", "w_q", "w_s", "w_z")
                .node(new Conv(Window.of(), 1), "sums", "x", "w")
                .quantize("sums", "y", "y")
                .output("y", 1, 2, 2, 2)
                .toBuilder()
                .initializer("w_q", weights)
                .initializer("w_s", Tensor.of(new float[] {0.25f, 0.5f}))
                .initializer("w_z", integers(packed, 4, 2))
                .build();

    Graph after = recognize(graph);

    assertThat(lines(after)).hasSize(1);
    assertThat(lines(after).get(0)).startsWith("y = IntegerConv");
    Tensor widened = after.constant("w_q_widened").orElseThrow();
    assertThat(widened.dtype()).isEqualTo(packed.isUnsigned() ? DType.UINT8 : DType.INT8);
    assertThat(widened.toIntArray()).isEqualTo(weights.toIntArray());
  }

  @Test
  void weightsMayBeSqueezedBehindTheirChannels() {
    Graph graph =
        new Qdq(bytes(3, 4))
                .grid("x", 0.5f, 128)
                .grid("y", 4, 100)
                .dequantize("x0", "x", "x")
                .weights("w", integers(DType.INT2, 2, 2, 4, 1), 0.25f, 0.5f)
                .node(new Squeeze(), "squeezed", "w", "axes")
                .node(new Gemm(1, 1, false, true), "sums", "x", "squeezed")
                .quantize("sums", "y", "y")
                .output("y", 3, 2)
                .toBuilder()
                .initializer("axes", Tensor.of(new long[] {-1}))
                .build();

    Graph after = recognize(graph);

    assertThat(lines(after)).hasSize(1);
    assertThat(after.constant("w_q_widened").orElseThrow().shape()).isEqualTo(Shape.of(2, 4));
  }

  @Test
  void gemmWithAFloatBiasOfWholeSteps() {
    Graph graph =
        new Qdq(bytes(3, 4))
                .grid("x", 0.5f, 128)
                .grid("y", 4, 100)
                .dequantize("x0", "x", "x")
                .weights("w", int8(2, 2, 4), 0.25f)
                .node(new Gemm(1, 1, false, true), "sums", "x", "w", "b")
                .quantize("sums", "y", "y")
                .output("y", 3, 2)
                .toBuilder()
                .initializer("b", Tensor.of(new float[] {1.5f, -2}))
                .build();

    Graph after = recognize(graph);

    assertThat(lines(after)).hasSize(1);
    assertThat(lines(after).get(0)).startsWith("y = IntegerMatMul{transB=1, a_zero_point=128");
    assertThat(after.constant("sums_bias")).contains(Tensor.of(new int[] {12, -16}));
  }

  @Test
  void aBiasThatWouldHaveToBeRoundedStaysInFloats() {
    Graph graph =
        new Qdq(bytes(3, 4))
                .grid("x", 0.5f, 128)
                .grid("y", 4, 100)
                .dequantize("x0", "x", "x")
                .weights("w", int8(2, 2, 4), 0.25f)
                .node(new Gemm(1, 1, false, true), "sums", "x", "w", "b")
                .quantize("sums", "y", "y")
                .output("y", 3, 2)
                .toBuilder()
                .initializer("b", Tensor.of(new float[] {0.1f, -2}))
                .build();

    assertThat(Pipelines.countOperators(recognize(graph))).containsKey("Gemm");
  }

  @Test
  void matMulOfTwoActivations() {
    Graph graph =
        new Qdq(bytes(2, 3, 4), bytes(2, 4, 2))
            .grid("a", 0.5f, 128)
            .grid("b", 0.25f, 130)
            .grid("y", 128, 100)
            .dequantize("x0", "a", "a")
            .dequantize("x1", "b", "b")
            .node(new MatMul(), "sums", "a", "b")
            .quantize("sums", "y", "y")
            .output("y", 2, 3, 2);

    assertThat(lines(recognize(graph)))
        .containsExactly(
            "y = IntegerMatMul{a_zero_point=128, dtype=\"uint8\", zero_point=100, range=[0, 255]}"
                + "(x0, x1, sums_multipliers, -, b_z)");
  }

  @Test
  void sumsAndProducts() {
    Graph graph =
        new Qdq(bytes(2, 3), bytes(3))
            .grid("a", 0.5f, 128)
            .grid("b", 0.25f, 130)
            .grid("y", 1, 100)
            .grid("z", 16, 100)
            .dequantize("x0", "a", "a")
            .dequantize("x1", "b", "b")
            .node(new Add(), "sum", "a", "b")
            .quantize("sum", "y", "yq")
            .dequantize("yq", "y", "ydq")
            .node(new Mul(), "product", "ydq", "b")
            .quantize("product", "z", "z")
            .output("z", 2, 3);

    assertThat(lines(recognize(graph)))
        .containsExactly(
            "yq = IntegerAdd{a_ratio=0.5, a_zero_point=128, b_ratio=0.25, b_zero_point=130, "
                + "dtype=\"uint8\", zero_point=100, range=[0, 255]}(x0, x1)",
            "z = IntegerMul{multiplier=0.015625, a_zero_point=100, b_zero_point=130, "
                + "dtype=\"uint8\", zero_point=100, range=[0, 255]}(yq, x1)");
  }

  @Test
  void pools() {
    Graph graph =
        new Qdq(bytes(1, 2, 4, 4))
            .grid("x", 0.5f, 128)
            .grid("y", 0.25f, 100)
            .dequantize("x0", "x", "x")
            .node(new AveragePool(Window.of(2, 2), false), "mean", "x")
            .quantize("mean", "y", "yq")
            .dequantize("yq", "y", "ydq")
            .node(new GlobalAveragePool(), "global", "ydq")
            .quantize("global", "x", "z")
            .output("z", 1, 2, 1, 1);

    assertThat(Pipelines.countOperators(recognize(graph)))
        .containsOnlyKeys("IntegerAveragePool", "IntegerGlobalAveragePool");
  }

  @Test
  void activationsAreTables() {
    Graph graph =
        new Qdq(bytes(2, 200))
                .grid("x", 0.0625f, 128)
                .grid("y", 1 / 256f, 0)
                .dequantize("x0", "x", "x")
                .node(new Sigmoid(), "s", "x")
                .quantize("s", "y", "yq")
                .dequantize("yq", "y", "ydq")
                .node(new Clip(), "c", "ydq", "least", "greatest")
                .quantize("c", "y", "z")
                .output("z", 2, 200)
                .toBuilder()
                .initializer("least", Tensor.scalar(0.25f))
                .initializer("greatest", Tensor.scalar(0.5f))
                .build();

    assertThat(Pipelines.countOperators(recognize(graph)))
        .containsExactly(Map.entry("IntegerLookup", 2));
  }

  @Test
  void concatBringsInputsToOneGrid() {
    Graph graph =
        new Qdq(bytes(1, 2, 3), bytes(1, 5, 3))
            .grid("a", 0.5f, 128)
            .grid("y", 1, 100)
            .dequantize("x0", "a", "a")
            .dequantize("x1", "y", "b")
            .node(new Concat(1), "both", "a", "b")
            .quantize("both", "y", "y")
            .output("y", 1, 7, 3);

    assertThat(lines(recognize(graph)))
        .containsExactly(
            "a_requantized = IntegerLookup(x0, a_requantized_table)",
            "y = Concat{axis=1}(a_requantized, x1)");
  }

  @Test
  void movesWorkOnIntegersOnBothSidesOfAnOperator() {
    Graph graph =
        new Qdq(bytes(1, 2, 5, 5))
                .grid("x", 0.5f, 3)
                .grid("y", 8, 10)
                .dequantize("x0", "x", "x")
                .node(new Pad(Pad.Mode.CONSTANT), "padded", "x", "pads")
                .node(new MaxPool(Window.of(2, 2), false), "pooled", "padded")
                .weights("w", int8(1, 2, 2, 1, 1), 0.25f, 0.5f)
                .node(new Conv(Window.of(), 1), "sums", "pooled", "w")
                .node(new Transpose(List.of(0, 2, 3, 1)), "last", "sums")
                .node(new Flatten(1), "flat", "last")
                .quantize("flat", "y", "y")
                .output("y", 1, 72)
                .toBuilder()
                .initializer("pads", Tensor.of(new long[] {0, 0, 1, 1, 0, 0, 1, 1}))
                .build();

    assertThat(lines(recognize(graph)).stream().map(line -> line.replaceAll(".*= |[{(].*", "")))
        .containsExactly("Pad", "MaxPool", "IntegerConv", "Transpose", "Flatten");
  }

  @Test
  void requantizationIsATableAndNothingIfTheGridStays() {
    Graph graph =
        new Qdq(bytes(300))
            .grid("x", 0.5f, 3)
            .grid("y", 0.25f, 10)
            .dequantize("x0", "x", "a")
            .quantize("a", "y", "b")
            .dequantize("b", "y", "c")
            .quantize("c", "y", "d")
            .dequantize("d", "y", "e")
            .quantize("e", "x", "y")
            .output("y", 300);

    assertThat(Pipelines.countOperators(recognize(graph)))
        .containsExactly(Map.entry("IntegerLookup", 2));
  }

  @Test
  void whatIsReadInFloatsInBetweenStaysInFloats() {
    Graph graph =
        new Qdq(bytes(2, 3))
                .grid("x", 0.5f, 3)
                .grid("y", 8, 10)
                .dequantize("x0", "x", "x")
                .weights("w", int8(1, 3, 3), 0.25f)
                .node(new MatMul(), "sums", "x", "w")
                .quantize("sums", "y", "y")
                .output("y", 2, 3)
                .toBuilder()
                .output("sums", TensorType.of(DType.FLOAT32, 2, 3))
                .build();

    assertThat(Pipelines.countOperators(recognize(graph))).containsKey("MatMul");
  }

  @Test
  void narrowWeightsNextToFloatsAreNoIntegerOperator() {
    Graph graph =
        new Qdq(TensorType.of(DType.FLOAT32, 2, 3))
            .grid("y", 8, 10)
            .weights("w", int8(1, 3, 3), 0.25f)
            .node(new MatMul(), "sums", "x0", "w")
            .quantize("sums", "y", "y")
            .output("y", 2, 3);

    assertThat(Pipelines.run(graph, Pipelines.semantics(), true).graph()).isSameAs(graph);
  }

  @Test
  void scalesOfChannelsTurnWithTransposedWeights() {
    Graph graph =
        new Qdq(bytes(2, 3))
            .grid("x", 0.5f, 3)
            .grid("y", 64, 100)
            .dequantize("x0", "x", "x")
            .weights("w", int8(1, 4, 3), 0.25f, 0.5f, 1, 2)
            .node(new Transpose(List.of(1, 0)), "turned", "w")
            .node(new MatMul(), "sums", "x", "turned")
            .quantize("sums", "y", "y")
            .output("y", 2, 4);

    assertThat(Pipelines.countOperators(recognize(graph)))
        .containsOnlyKeys("IntegerMatMul", "Transpose");
  }
}
