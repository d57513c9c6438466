package dev.tinytitan.codegen.chain;

import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.kernel.Chain;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.tensor.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether what float layers gain in a chain is worth bringing their planes in and out: of large
 * planes with little to compute it is not, and kernels that work on the arrays as they lie are
 * faster. Measured on the convolutions of a text detector, 320×320: all in chains they took more
 * than twice the time. Integer chains gain so much more that they are never refused.
 */
final class TransferCost {
  /** Planes of fewer elements stay in the first caches, and one call is cheaper than several. */
  private static final long FEW_ELEMENTS = 8192;

  /** Multiply-adds that an element brought in or out has to stand for. */
  private static final long LEAST_MULTIPLY_ADDS = 250;

  private TransferCost() {}

  static Optional<String> refusal(Chain chain) {
    long elements = 0;
    long multiplyAdds = 0;
    Set<String> counted = new HashSet<>();
    for (KernelRequest node : chain.nodes()) {
      if (node.outputDType(0) != DType.FLOAT32) {
        return Optional.empty();
      }
      for (int i = 0; i < node.inputs().size(); i++) {
        String name = node.node().input(i);
        if (node.hasInput(i) && chain.inputs().contains(name) && counted.add(name)) {
          elements += node.inputShape(i).size();
        }
      }
      if (chain.outputs().contains(node.node().output())) {
        elements += node.outputShape(0).size();
      }
      List<@Nullable TensorType> inputs = new ArrayList<>();
      for (Optional<TensorType> type : node.inputs()) {
        inputs.add(type.orElse(null));
      }
      Cost cost = node.operator().cost(inputs, node.outputs());
      multiplyAdds += cost.multiplyAdds();
    }
    return elements > FEW_ELEMENTS && multiplyAdds < LEAST_MULTIPLY_ADDS * elements
        ? Optional.of("bringing its values in and out costs more than is gained")
        : Optional.empty();
  }
}
