package dev.tinytitan.edge.energy;

import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.NodeCost;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one run of a model takes, counted.
 *
 * @param floatMultiplyAdds multiply-adds of floating-point numbers
 * @param integerMultiplyAdds multiply-adds of 8-bit integers
 * @param weightBytes bytes of constants that are read
 * @param activationBytes bytes of other values that are read and written
 */
public record OperationCount(
    long floatMultiplyAdds, long integerMultiplyAdds, long weightBytes, long activationBytes) {

  /**
   * Counts a graph; best one that a session made ({@code Session.graph()}), in which quantized
   * layers stand as integer operators.
   *
   * @param shapes of inputs that have open dimensions, by name
   * @return empty if a node's cost depends on data
   * @throws dev.tinytitan.ShapeMismatchException if the shapes do not fit the graph
   */
  public static Optional<OperationCount> of(Graph graph, Map<String, Shape> shapes) {
    Map<String, TensorType> inputs = new HashMap<>();
    for (Value input : graph.inputs()) {
      if (input.type() instanceof TensorType type) {
        Shape shape = shapes.get(input.name());
        inputs.put(input.name(), shape == null ? type : TensorType.of(type.dtype(), shape));
      }
    }
    Map<String, TensorType> types = TypeInference.infer(graph, inputs, Map.of());
    long floats = 0;
    long integers = 0;
    long weights = 0;
    long all = 0;
    for (Node node : graph.nodes()) {
      Optional<Cost> cost = NodeCost.of(node, types);
      if (cost.isEmpty()) {
        return Optional.empty();
      }
      if (isInteger(node, types)) {
        integers += cost.get().multiplyAdds();
      } else {
        floats += cost.get().multiplyAdds();
      }
      all += cost.get().bytesMoved();
      weights +=
          node.inputs().stream()
              .flatMap(name -> graph.constant(name).stream())
              .mapToLong(tensor -> tensor.byteSize())
              .sum();
    }
    return Optional.of(new OperationCount(floats, integers, weights, Math.max(0, all - weights)));
  }

  /** Products are of the type of what they read, or of the weights where those are rounded late. */
  private static boolean isInteger(Node node, Map<String, TensorType> types) {
    List<String> inputs = node.inputs();
    for (int i = 0; i < Math.min(2, inputs.size()); i++) {
      TensorType type = types.get(inputs.get(i));
      if (type != null && type.dtype().isInteger() && type.dtype().bits() <= 8) {
        return true;
      }
    }
    return false;
  }

  /** All multiply-adds. */
  public long multiplyAdds() {
    return floatMultiplyAdds + integerMultiplyAdds;
  }
}
