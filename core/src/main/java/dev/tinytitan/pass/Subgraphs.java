package dev.tinytitan.pass;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Takes changes into the branches and bodies of control flow. */
final class Subgraphs {
  private Subgraphs() {}

  /**
   * The graph after a change to it and to all its subgraphs, innermost first; the same object if
   * nothing changed. Depth is bounded by {@link dev.tinytitan.ir.Verifier#MAX_DEPTH}.
   */
  static Graph apply(Graph graph, UnaryOperator<Graph> change) {
    List<Node> nodes = new ArrayList<>(graph.nodes().size());
    boolean changed = false;
    for (Node node : graph.nodes()) {
      Node rebuilt = applyWithin(node, change);
      changed |= rebuilt != node;
      nodes.add(rebuilt);
    }
    return change.apply(changed ? graph.toBuilder().nodes(nodes).build() : graph);
  }

  private static Node applyWithin(Node node, UnaryOperator<Graph> change) {
    List<Graph> subgraphs = node.operator().subgraphs();
    if (subgraphs.isEmpty()) {
      return node;
    }
    List<Graph> rebuilt = new ArrayList<>(subgraphs.size());
    boolean changed = false;
    for (Graph subgraph : subgraphs) {
      Graph after = apply(subgraph, change);
      changed |= after != subgraph;
      rebuilt.add(after);
    }
    return changed
        ? node.withOperator(node.operator().withSubgraphs(rebuilt, node.operator().captureCount()))
        : node;
  }
}
