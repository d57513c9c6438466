package dev.tinytitan.ir;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a node of a graph takes, by the types of the values around it. */
public final class NodeCost {
  private NodeCost() {}

  /**
   * The cost of running a node once.
   *
   * @param types of values, by name, as {@link TypeInference} gives them
   * @return empty where a shape that matters is not known
   */
  public static Optional<Cost> of(Node node, Map<String, TensorType> types) {
    List<@Nullable TensorType> inputs = new ArrayList<>();
    for (String input : node.inputs()) {
      TensorType type = types.get(input);
      if (type != null && !type.isStatic()) {
        return Optional.empty();
      }
      inputs.add(type);
    }
    List<TensorType> outputs = new ArrayList<>();
    for (String output : node.outputs()) {
      TensorType type = types.get(output);
      if (type != null && !type.isStatic()) {
        return Optional.empty();
      }
      if (type != null) {
        outputs.add(type);
      }
    }
    return outputs.isEmpty()
        ? Optional.empty()
        : Optional.of(node.operator().cost(inputs, outputs));
  }
}
