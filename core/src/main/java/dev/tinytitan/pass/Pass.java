package dev.tinytitan.pass;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.GraphRewriter;
import dev.tinytitan.ir.Node;
import java.util.Optional;

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

    @Override
    default Graph apply(Graph graph) {
      Scope[] scope = {new Scope(graph)};
      return GraphRewriter.rewrite(
          graph,
          (current, node) -> {
            if (scope[0].graph() != current) {
              scope[0] = new Scope(current);
            }
            return apply(scope[0], node);
          });
    }
  }
}
