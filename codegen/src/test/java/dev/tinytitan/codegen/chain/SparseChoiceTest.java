package dev.tinytitan.codegen.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tinytitan.codegen.Host;
import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.op.IntegerConv;
import dev.tinytitan.op.QuantizedOutput;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class SparseChoiceTest {
  private static final int CHANNELS = 64;

  /** A convolution over 3×3 places in which one of so many blocks of weights is not zero. */
  private static Graph conv(int every, int size) {
    return conv(CHANNELS, every, size);
  }

  private static Graph conv(int channels, int every, int size) {
    Tensor weights = Tensor.zeros(DType.INT8, Shape.of(channels, channels, 3, 3));
    for (int i = 0; i < weights.size(); i++) {
      int channel = i / 9 % channels;
      int filter = i / 9 / channels;
      if ((filter + channel / 4 + i % 9) % every == 0) {
        weights.setLong(i, i % 100 + 1);
      }
    }
    return Graph.builder("g")
        .input("x", TensorType.of(DType.UINT8, 1, channels, size, size))
        .initializer("w", weights)
        .initializer("m", Tensor.scalar(1e-4f))
        .node(
            new IntegerConv(
                Window.of().withPads(1, 1, 1, 1), 1, 0, QuantizedOutput.of(DType.UINT8, 0)),
            List.of("x", "w", "m"),
            "y")
        .output("y", null)
        .build();
  }

  private static List<String> rejected(Graph graph, Isa isa) {
    assumeTrue(
        Host.problem().isEmpty() && Host.target().features().containsAll(isa.needs()),
        () -> "the processor has no " + isa);
    try (PackedWeights owner = new PackedWeights(List.of())) {
      return ChainCompilation.compile(ChainCheck.chain(graph, owner), Target.of(isa), 1, false)
          .rejected();
    }
  }

  @Test
  void densityCountsBlocksOfFour() {
    Graph graph = conv(10, 8);
    try (PackedWeights owner = new PackedWeights(List.of())) {
      Lowering.Result lowered = Lowering.lower(ChainCheck.chain(graph, owner));
      lowered.buffers().forEach(buffer -> buffer.place(0));
      ProductLayer dense = (ProductLayer) lowered.steps().get(0).layer();

      assertThat(dense.zeroSteps()).isBetween(0.89, 0.91);
      assertThat(SparseForm.of(dense, Isa.AVX2, SparseChoice.Policy.SPARSE).terms().density())
          .isBetween(0.09, 0.11);
    }
  }

  @Test
  void denseWeightsAreNotLookedAt() {
    assertThat(rejected(conv(1, 8), Isa.AVX2)).isEmpty();
  }

  @Test
  void whatWasMeasuredIsSaid() {
    List<String> rejected = rejected(conv(20, 16), Isa.AVX2);

    assertThat(rejected).hasSize(1);
    assertThat(rejected.get(0)).contains(" code for ").contains("measured").contains("5 %");
  }

  @Test
  void codeThatWouldBeTooLongIsNotTried() {
    // Rows of 14 places are shifted in registers, which loops cannot do.
    assertThat(rejected(conv(256, 5, 14), Isa.AVX512_VNNI)).hasSize(1);
  }

  @Test
  void onePlaceIsNoWorkForVectorsOfPlaces() {
    assertThat(rejected(conv(4, 1), Isa.AVX2)).noneMatch(text -> text.startsWith("dense"));
  }
}
