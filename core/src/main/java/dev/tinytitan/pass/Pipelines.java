package dev.tinytitan.pass;

import dev.tinytitan.ir.Graph;
import java.util.ArrayList;
import java.util.List;

/** The passes in their order, with the reason for each place. */
public final class Pipelines {

  /** What one pass did: node counts before and after. */
  public record Effect(
      String pass, String description, int nodesBefore, int nodesAfter, boolean changed) {}

  /** A graph with what was done to it. */
  public record Result(Graph graph, List<Effect> effects) {}

  private Pipelines() {}

  /**
   * What is done on every engine, optimized or not, because it is meaning and not speed:
   * recognizing integer operators in Q/DQ groups (docs/numerics.md).
   */
  public static List<Pass> semantics() {
    return List.of();
  }

  /** What is done for inference after {@link #semantics}, in order. */
  public static List<Pass> inference() {
    return List.of();
  }

  /** Runs passes one after the other. */
  public static Result run(Graph graph, List<Pass> passes) {
    List<Effect> effects = new ArrayList<>();
    Graph current = graph;
    for (Pass pass : passes) {
      Graph next = pass.apply(current);
      effects.add(
          new Effect(
              pass.name(),
              pass.description(),
              current.nodes().size(),
              next.nodes().size(),
              next != current));
      current = next;
    }
    return new Result(current, List.copyOf(effects));
  }
}
