package dev.tinytitan.codegen.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tinytitan.codegen.Host;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.op.IntegerConv;
import dev.tinytitan.op.MaxPool;
import dev.tinytitan.op.Neg;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.QuantizedOutput;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What chains refuse, and how what they take is laid out. */
class LoweringTest {
  private static final Window PADDED = Window.of(3, 3).withPads(1, 1, 1, 1);
  private static final QuantizedOutput OUTPUT = QuantizedOutput.of(DType.INT8, -5);

  private static Graph.Builder builder(int... dims) {
    return Graph.builder("g")
        .input("x", TensorType.of(DType.INT8, dims))
        .initializer("w", Tensor.zeros(DType.INT8, Shape.of(4, 4, 3, 3)))
        .initializer("m", Tensor.scalar(0.01f));
  }

  private static IntegerConv conv(int zeroPoint) {
    return new IntegerConv(PADDED.withPads(1, 1, 1, 1), 1, zeroPoint, OUTPUT);
  }

  @Test
  void twoWindowsThatPadDifferentlyAreRefused() {
    Graph.Builder graph =
        builder(1, 4, 5, 5)
            .node(conv(3), List.of("x", "w", "m"), "a")
            .node(new MaxPool(PADDED, false), List.of("x"), "b")
            .output("a", null)
            .output("b", null);

    assertThat(ChainCheck.refusal(graph.build()))
        .hasValueSatisfying(reason -> assertThat(reason).contains("pad one value differently"));
  }

  @Test
  void whatComputesNothingIsRefused() {
    Graph graph =
        builder(1, 4, 5, 5)
            .node(new MaxPool(PADDED, false), List.of("x"), "y")
            .output("y", null)
            .build();

    assertThat(ChainCheck.refusal(graph)).hasValue("it has no convolution or product to gain from");
  }

  @Test
  void operatorsWithoutGeneratorsAreNamed() {
    Graph graph =
        Graph.builder("g")
            .input("x", TensorType.of(DType.FLOAT32, 1, 4))
            .node(new Neg(), List.of("x"), "y")
            .output("y", null)
            .build();

    assertThat(ChainCheck.refusal(graph)).hasValue("Neg has no generator");
  }

  @Test
  void softmaxOfFeatureMapsIsRefused() {
    Graph graph =
        Graph.builder("g")
            .input("x", TensorType.of(DType.FLOAT32, 1, 4, 2))
            .node(new Softmax(-1), List.of("x"), "y")
            .output("y", null)
            .build();

    assertThat(ChainCheck.refusal(graph)).hasValue("it is not along short rows of a matrix");
  }

  @Test
  void bordersAreAsWideAsTheWidestReaderNeeds() {
    Graph graph =
        builder(1, 4, 5, 7)
            .node(conv(3), List.of("x", "w", "m"), "a")
            .node(
                new IntegerConv(Window.of().withPads(2, 0, 0, 2), 1, 3, OUTPUT),
                List.of("x", "w", "m"),
                "b")
            .output("a", null)
            .output("b", null)
            .build();
    try (PackedWeights owner = new PackedWeights(List.of())) {
      Lowering.Result lowered = Lowering.lower(ChainCheck.chain(graph, owner));
      Buffer x = lowered.buffers().get(0);
      x.place(0);

      assertThat(x.fill()).isEqualTo(3 + Buffer.SIGN_OFFSET);
      assertThat(x.rowBytes()).isEqualTo((1 + 7 + 2) * 4);
      assertThat(x.byteSize()).isEqualTo((2 + 5 + 1) * x.rowBytes());
      assertThat(x.inside()).isEqualTo(2 * x.rowBytes() + 4);
    }
  }

  @Test
  void codeOutsideOfBuffersIsRefusedWhenItIsWritten() {
    Buffer buffer = new Buffer("b", DType.UINT8, 2, 3, 5, false);
    buffer.place(64);

    buffer.requireWithin(64, 64 + buffer.byteSize() + Buffer.SLACK);
    assertThatThrownBy(() -> buffer.requireWithin(63, 70))
        .hasMessageContaining("Code for b would access bytes 63 to 70");
  }

  @Test
  void longInputsAreCopiedAndGiveTheSame() {
    assumeTrue(Host.problem().isEmpty(), () -> Host.problem().orElse(""));
    Tensor input = Tensor.zeros(DType.FLOAT32, Shape.of(1, 3, 130, 120));
    for (int i = 0; i < input.size(); i++) {
      input.setFloat(i, (i * 31 % 1000) / 100f - 5);
    }
    Tensor weights = Tensor.zeros(DType.INT8, Shape.of(2, 3, 1, 1));
    for (int i = 0; i < weights.size(); i++) {
      weights.setLong(i, 40 - 20 * i);
    }
    Graph graph =
        Graph.builder("g")
            .input("x", TensorType.of(DType.FLOAT32, 1, 3, 130, 120))
            .initializer("scale", Tensor.scalar(0.04f))
            .initializer("w", weights)
            .initializer("m", Tensor.scalar(0.01f))
            .node(new QuantizeLinear(1), List.of("x", "scale"), "q")
            .node(new IntegerConv(Window.of(), 1, 0, OUTPUT), List.of("q", "w", "m"), "y")
            .output("y", null)
            .build();

    ChainCheck.check(graph, Host.target(), List.of(input), 0);
    try (PackedWeights owner = new PackedWeights(List.of())) {
      ChainKernel kernel =
          ChainCompilation.compile(ChainCheck.chain(graph, owner), Host.target(), 1, false);
      assertThat(kernel.plan().inputs().get(0).copy()).isPositive();
    }
  }
}
