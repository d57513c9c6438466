package dev.tinytitan.compress.prune;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.If;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A graph, or a branch of a condition in it, with the channels in it. Branches are pruned by
 * themselves: nothing crosses their borders.
 */
final class GraphScope {
  private final String path;
  private final ChannelTrace trace;

  /** Scopes of branches by the node's name, then the branch's number. */
  private final TreeMap<String, List<Optional<GraphScope>>> branches = new TreeMap<>();

  private GraphScope(String path, ConcreteGraph concrete) {
    this.path = path;
    this.trace = ChannelTrace.of(concrete);
    for (Node node : concrete.graph().nodes()) {
      if (node.operator() instanceof If) {
        List<Optional<GraphScope>> inner = new ArrayList<>();
        for (int i = 0; i < node.operator().subgraphs().size(); i++) {
          // A branch that shapes rule out may not even fit them; it stays as it is.
          inner.add(
              concrete.isPossible(node, i)
                  ? Optional.of(new GraphScope(path + node.name() + "/", concrete.branch(node, i)))
                  : Optional.empty());
        }
        branches.put(node.name(), inner);
      }
    }
  }

  /** Follows the channels of a graph and of all branches in it. */
  static GraphScope of(ConcreteGraph concrete) {
    return new GraphScope("", concrete);
  }

  /** Stands before the names of the scope's nodes; empty for the model's graph itself. */
  String path() {
    return path;
  }

  ChannelTrace trace() {
    return trace;
  }

  Graph graph() {
    return trace.concrete().graph();
  }

  Tensor constant(String name) {
    return Objects.requireNonNull(graph().initializers().get(name), name);
  }

  /** The branches of a node, empty for those that are not looked into; none if it has none. */
  List<Optional<GraphScope>> branches(Node node) {
    return branches.getOrDefault(node.name(), List.of());
  }

  /**
   * The node with its branches changed.
   *
   * @param change what becomes of a branch that is looked into
   */
  Node withBranches(Node node, Function<GraphScope, Graph> change) {
    List<Optional<GraphScope>> inner = branches(node);
    if (inner.isEmpty()) {
      return node;
    }
    List<Graph> graphs = new ArrayList<>(node.operator().subgraphs());
    for (int i = 0; i < graphs.size(); i++) {
      Graph old = graphs.get(i);
      graphs.set(i, inner.get(i).map(change).orElse(old));
    }
    return node.withOperator(node.operator().withSubgraphs(graphs, node.operator().captureCount()));
  }

  /** This scope and all in it, outermost first. */
  List<GraphScope> all() {
    List<GraphScope> all = new ArrayList<>();
    all.add(this);
    branches
        .values()
        .forEach(list -> list.forEach(inner -> inner.ifPresent(scope -> all.addAll(scope.all()))));
    return all;
  }
}
