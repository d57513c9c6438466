package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which nodes of a graph are quantized. Weights that an excluded node shares stay float for all
 * that read them: a second, small copy would make the model larger.
 */
final class Selection {
  private final Graph graph;
  private final Predicate<Node> wanted;
  private final Set<String> kept = new HashSet<>();

  Selection(Graph graph, Predicate<Node> wanted) {
    this.graph = graph;
    this.wanted = wanted;
    for (Node node : graph.nodes()) {
      if (!wanted.test(node)) {
        kept.addAll(node.inputs());
      }
    }
  }

  /** True if the node may be quantized. */
  boolean contains(Node node) {
    return wanted.test(node);
  }

  /** The weights of a node that may be stored small. */
  List<WeightSlot> slots(Node node) {
    return wanted.test(node)
        ? WeightSlot.of(graph, node).stream().filter(this::contains).toList()
        : List.of();
  }

  private boolean contains(WeightSlot slot) {
    return !kept.contains(slot.constant()) && !graph.isOutput(slot.constant());
  }
}
