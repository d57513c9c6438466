package dev.tinytitan.compress.prune;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Pow;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.tensor.Tensor;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Sets the weights of units to zero and leaves the graph as large as it is. */
final class ChannelMask {
  private ChannelMask() {}

  static Graph apply(GraphScope scope, Collection<ChannelUnit> units) {
    Map<GraphScope, Map<String, Tensor>> masked = new HashMap<>();
    for (ChannelUnit unit : units) {
      Map<String, Tensor> tensors = masked.computeIfAbsent(unit.scope(), key -> new HashMap<>());
      Map<String, Double> zeros = new HashMap<>();
      unit.forEachElement((cut, index) -> {
        String name = cut.constant();
        if (isParameter(unit.scope().graph(), name)) {
          return;
        }
        Tensor tensor = tensors.computeIfAbsent(name, key -> unit.weights(cut).copy());
        double zero = zeros.computeIfAbsent(name, key -> zero(unit.scope().graph(), key));
        if (tensor.dtype().isFloat()) {
          tensor.setDouble((int) index, zero);
        } else {
          tensor.setLong((int) index, (long) zero);
        }
      });
    }
    return apply(scope, masked);
  }

  private static Graph apply(GraphScope scope, Map<GraphScope, Map<String, Tensor>> masked) {
    Map<String, Tensor> initializers = new LinkedHashMap<>(scope.graph().initializers());
    initializers.putAll(masked.getOrDefault(scope, Map.of()));
    List<Node> nodes =
        scope.graph().nodes().stream()
            .map(node -> scope.withBranches(node, branch -> apply(branch, masked)))
            .toList();
    return scope.graph().toBuilder().initializers(initializers).nodes(nodes).build();
  }

  /** True for what must not be zero: variances, divisors, exponents, scales and zero points. */
  private static boolean isParameter(Graph graph, String constant) {
    for (Node node : graph.consumers(constant)) {
      int input = node.inputs().indexOf(constant);
      boolean parameter =
          switch (node.operator()) {
            case BatchNormalization norm -> input == 4;
            case Div div -> input == 1;
            case Pow pow -> input == 1;
            case QuantizeLinear quantize -> input > 0;
            case DequantizeLinear quantize -> input > 0;
            default -> false;
          };
      if (parameter) {
        return true;
      }
    }
    return false;
  }

  /** What stands for zero: the zero point of stored integers. */
  private static double zero(Graph graph, String constant) {
    for (Node node : graph.consumers(constant)) {
      if (node.operator() instanceof DequantizeLinear && node.hasInput(2)) {
        Optional<Tensor> point = graph.constant(node.input(2));
        if (point.isPresent() && point.get().size() == 1) {
          return point.get().getDouble(0);
        }
      }
    }
    return 0;
  }
}
