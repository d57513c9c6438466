package dev.tinytitan.codegen.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.FusedConv;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TransferCostTest {

  /** A 1×1 convolution over square planes. */
  private static Optional<String> refusal(int in, int out, int size) {
    Graph graph =
        Graph.builder("g")
            .input("x", TensorType.of(DType.FLOAT32, 1, in, size, size))
            .initializer("w", Tensor.zeros(DType.FLOAT32, Shape.of(out, in, 1, 1)))
            .node(new FusedConv(Window.of(), 1, Activation.NONE), List.of("x", "w"), "y")
            .output("y", null)
            .build();
    try (PackedWeights owner = new PackedWeights(List.of())) {
      return TransferCost.refusal(ChainCheck.chain(graph, owner));
    }
  }

  @Test
  void largePlanesWithLittleToComputeAreLeftToOthers() {
    assertThat(refusal(24, 24, 160)).isPresent();
    assertThat(refusal(1024, 1024, 160)).isEmpty();
    assertThat(refusal(24, 24, 10)).isEmpty();
  }
}
