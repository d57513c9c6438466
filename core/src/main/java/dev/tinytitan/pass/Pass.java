package dev.tinytitan.pass;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.GraphRewriter;
import dev.tinytitan.ir.Node;
import java.util.Optional;

/** A change to graphs that keeps what they compute. Stateless. */
public interface Pass {

  /** A short name, such as {@code fold-constants}. */
  String name();

  /** One sentence: what it does and what for. */
  String description();

  /** The graph after the pass; the same object if it found nothing to do. */
  Graph apply(Graph graph);

  /** A pass that looks at one node at a time. */
  interface OfNodes extends Pass {
    /** The edit that this node asks for, if any. */
    Optional<GraphPatch> apply(Graph graph, Node node);

    @Override
    default Graph apply(Graph graph) {
      return GraphRewriter.rewrite(graph, this::apply);
    }
  }
}
