package dev.tinytitan.pass;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.GraphRewriter;
import dev.tinytitan.ir.Node;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A change to graphs that keeps what they compute. Stateless, and idempotent: applied to its own
 * result it finds nothing to do. Looks at one graph only; {@link Pipelines} takes passes into the
 * subgraphs of control flow.
 */
public interface Pass {

  /** A short name, such as {@code fold-constants}. */
  String name();

  /** One sentence: what it does and what for. */
  String description();

  /** The graph after the pass; the same object if it found nothing to do. */
  Graph apply(Graph graph);

  /** A pass that looks at one node at a time. */
  interface OfNodes extends Pass {
    /**
     * The edit that this node asks for, if any. An edit need not remove what nobody reads after it:
     * dead nodes go by themselves, and a node that somebody still reads must stay.
     */
    Optional<GraphPatch> apply(Scope scope, Node node);

    /**
     * Names of the operators at whose nodes {@link #apply(Scope, Node)} may find something to do;
     * it is not asked about others. A model without them then loads none of the classes that the
     * pass looks for, which counts when a small model starts. Empty if it wants to see every node.
     */
    default Set<String> startsAt() {
      return Set.of();
    }

    @Override
    default Graph apply(Graph graph) {
      Set<String> names = startsAt();
      if (!names.isEmpty() && !hasAny(graph, names)) {
        return graph;
      }
      return GraphRewriter.rewrite(graph, new NodeRule(this, names));
    }

    private static boolean hasAny(Graph graph, Set<String> names) {
      for (Node node : graph.nodes()) {
        if (names.contains(node.operator().spec().name())) {
          return true;
        }
      }
      return false;
    }
  }

  /** A pass as a rule, which makes a {@link Scope} of each graph that it meets. */
  final class NodeRule implements GraphRewriter.Rule {
    private final OfNodes pass;
    private final Set<String> names;
    private @Nullable Scope scope;

    private NodeRule(OfNodes pass, Set<String> names) {
      this.pass = pass;
      this.names = names;
    }

    @Override
    public Optional<GraphPatch> apply(Graph graph, Node node) {
      if (!names.isEmpty() && !names.contains(node.operator().spec().name())) {
        return Optional.empty();
      }
      Scope current = scope;
      if (current == null || current.graph() != graph) {
        current = new Scope(graph);
        scope = current;
      }
      return pass.apply(current, node);
    }
  }
}
