package dev.tinytitan.compress.internal;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.Sum;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds layers with a shortcut around them: sums of a value and of what weights make of that same
 * value, as the residual blocks of convolutional networks. Without the layer, the value itself is
 * the sum. A shortcut through a convolution is none: there the value has another form.
 */
public final class ShortcutBlocks {
  private ShortcutBlocks() {}

  /**
   * All of a graph, in their order; one may lie within another.
   *
   * @param types of all values, at fixed sizes: what is broadcast to a sum is no shortcut
   */
  public static List<Block> of(Graph graph, Map<String, TensorType> types) {
    List<Block> found = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node.inputs().size() == 2
          && (node.operator() instanceof Add || node.operator() instanceof Sum)) {
        at(graph, types, node, node.input(0), node.input(1))
            .or(() -> at(graph, types, node, node.input(1), node.input(0)))
            .ifPresent(found::add);
      }
    }
    return found;
  }

  private static Optional<Block> at(
      Graph graph, Map<String, TensorType> types, Node sum, String shortcut, String branch) {
    TensorType type = types.get(sum.output());
    if (type == null
        || !type.equals(types.get(shortcut))
        || !dependsOn(graph, branch, source(graph, shortcut))) {
      return Optional.empty();
    }
    Block block = Block.between(graph, shortcut, sum.output());
    return Block.hasWeights(graph, block.nodes()) ? Optional.of(block) : Optional.empty();
  }

  /** Where a value comes from, whatever it is rounded to on its way. */
  private static String source(Graph graph, String value) {
    String current = value;
    Optional<Node> producer = graph.producer(current);
    while (producer.isPresent() && keepsValue(producer.get())) {
      current = producer.get().input(0);
      producer = graph.producer(current);
    }
    return current;
  }

  private static boolean keepsValue(Node node) {
    return node.operator() instanceof Identity
        || node.operator() instanceof QuantizeLinear
        || node.operator() instanceof DequantizeLinear;
  }

  private static boolean dependsOn(Graph graph, String value, String other) {
    if (graph.initializers().containsKey(other)) {
      return false;
    }
    Set<String> seen = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(value));
    while (!open.isEmpty()) {
      String current = open.remove();
      if (current.equals(other)) {
        return !value.equals(other);
      }
      if (seen.add(current)) {
        graph.producer(current).ifPresent(producer -> open.addAll(producer.inputs()));
      }
    }
    return false;
  }
}
