package dev.tinytitan.pass;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphRewriter;

/** Drops nodes and constants on which no output depends. */
public record DropUnused() implements Pass {
  @Override
  public String name() {
    return "drop-unused";
  }

  @Override
  public String description() {
    return "Drops nodes and constants on which no output depends.";
  }

  @Override
  public Graph apply(Graph graph) {
    Graph live = GraphRewriter.dropUnused(graph);
    return live.nodes().size() == graph.nodes().size()
            && live.initializers().size() == graph.initializers().size()
        ? graph
        : live;
  }
}
