package dev.tinytitan.pass;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.ir.Verifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** The passes in their order, with the reason for each place. */
public final class Pipelines {

  /** Rounds after which {@link #run} stops even if passes still find something to do. */
  private static final int MAX_ROUNDS = 16;

  /**
   * What one pass did, all rounds together, nodes of subgraphs counted.
   *
   * @param nodesBefore the number of nodes when it first ran
   * @param nodesAfter that number with what it added and removed, in whatever round
   * @param delta how many nodes more (or, negative, fewer) of each operator there are because of
   *     it, by name; operators of which it left the number alone are not in it
   * @param changed whether it found anything to do
   */
  public record Effect(
      String pass,
      String description,
      int nodesBefore,
      int nodesAfter,
      Map<String, Integer> delta,
      boolean changed) {}

  /** A graph with what was done to it, one effect for each pass, in order. */
  public record Result(Graph graph, List<Effect> effects) {}

  private Pipelines() {}

  /**
   * What is done on every engine, optimized or not, because it is meaning and not speed:
   * recognizing integer operators in Q/DQ groups (docs/numerics.md).
   */
  public static List<Pass> semantics() {
    return List.of(
        // First, so that Q and DQ stand next to the operators that compute.
        new MoveQuantization(), new RecognizeIntegerOperators());
  }

  /**
   * What is done for inference after {@link #semantics}, in order. The result is for running, never
   * for export: it holds internal operators and trades bytes for speed.
   */
  public static List<Pass> inference() {
    return inference(false);
  }

  /**
   * As {@link #inference()}.
   *
   * @param literal whether quantized factors are multiplied as floats, as the graph has it
   */
  public static List<Pass> inference(boolean literal) {
    List<Pass> passes = new ArrayList<>();
    if (!literal) {
      // Before constants are folded: weights that only integer sums read stay as narrow as they
      // are.
      passes.add(new FuseQuantizedProducts());
    }
    passes.addAll(floatInference());
    return List.copyOf(passes);
  }

  private static List<Pass> floatInference() {
    return List.of(
        // Before all others, which look for constants.
        new FoldConstants(true),
        // What is known of shapes makes more constants, and shorter chains for what follows.
        new FoldShapes(),
        // After both, which make conditions constant; what was inside a branch then sees the rest.
        new InlineConditions(),
        // So that the next round finds in subgraphs what this one found out around them.
        new DescribeCaptures(),
        // After the constants by which they are known, before they stand between patterns.
        new RemoveNoOps(),
        new RemoveCasts(),
        new RemoveTransposes(),
        // Before patterns are looked for, so that none is split over two equal halves.
        new ShareCommonSubexpressions(),
        // Patterns of several nodes, before any of their nodes is fused with something else:
        // attention before scales are folded into what gives its queries.
        new RecognizeLayerNormalization(),
        new RecognizeAttention(),
        new RecognizeActivations(),
        new FuseDynamicQuantization(),
        // While layers are still plain: weights are changed before anything hides them.
        new FoldBatchNormalization(),
        new FoldScale(),
        // After it: what a layer can take from its end leaves less for the next one.
        new FoldScaleAhead(),
        // Bias, then residual, then activation: the order in which a fused layer does them.
        new FuseBias(),
        new FuseResiduals(),
        new FuseActivations(),
        // After biases, which the projections must have by then.
        new MergeProjections(),
        // After products have taken their biases, residuals and activations.
        new KeepNarrowWeights(),
        // What that could not keep narrow.
        new FoldConstants(false),
        // Last: what the others left behind.
        new DropUnused());
  }

  /**
   * Runs passes one after the other, subgraphs included, and again from the first while any of them
   * finds something to do. With {@code -Dtinytitan.debug=true} the graph is verified after each.
   */
  public static Result run(Graph graph, List<Pass> passes) {
    return run(graph, passes, Boolean.getBoolean("tinytitan.debug"));
  }

  /**
   * As {@link #run(Graph, List)}.
   *
   * @param verify whether the graph is verified after each pass
   * @throws dev.tinytitan.MalformedModelException if a verified graph breaks a rule
   */
  public static Result run(Graph graph, List<Pass> passes, boolean verify) {
    List<Tally> tallies = new ArrayList<>();
    for (Pass pass : passes) {
      tallies.add(new Tally(pass));
    }
    Graph current = graph;
    boolean changed = true;
    for (int round = 0; changed && round < MAX_ROUNDS; round++) {
      changed = false;
      for (Tally tally : tallies) {
        Graph next = Subgraphs.apply(current, tally);
        tally.count(current, next);
        if (next != current && verify) {
          Verifier.verify(next);
        }
        changed |= next != current;
        current = next;
      }
    }
    List<Effect> effects = new ArrayList<>();
    for (Tally tally : tallies) {
      effects.add(tally.effect());
    }
    return new Result(current, List.copyOf(effects));
  }

  /**
   * The graph for inputs of these types, which may be more precise than those it declares: passes
   * then see them.
   *
   * @param types by input; an input that is missing keeps its type
   */
  public static Graph specialize(Graph graph, Map<String, TensorType> types) {
    List<Value> inputs =
        graph.inputs().stream()
            .map(input ->
                types.containsKey(input.name())
                    ? new Value(input.name(), types.get(input.name()), input.doc())
                    : input)
            .toList();
    return graph.toBuilder().inputs(inputs).build();
  }

  /** The number of nodes of each operator, by name, subgraphs included. */
  public static SortedMap<String, Integer> countOperators(Graph graph) {
    SortedMap<String, Integer> counts = new TreeMap<>();
    count(graph, counts);
    return counts;
  }

  private static void count(Graph graph, Map<String, Integer> counts) {
    for (Node node : graph.nodes()) {
      String name = node.operator().spec().name();
      counts.put(name, counts.getOrDefault(name, 0) + 1);
      for (Graph subgraph : node.operator().subgraphs()) {
        count(subgraph, counts);
      }
    }
  }

  /** Adds up what a pass does over the rounds. */
  private static final class Tally implements UnaryOperator<Graph> {
    private final Pass pass;
    private final SortedMap<String, Integer> delta = new TreeMap<>();
    private int nodesBefore = -1;
    private boolean changed;

    Tally(Pass pass) {
      this.pass = pass;
    }

    @Override
    public Graph apply(Graph graph) {
      return pass.apply(graph);
    }

    void count(Graph from, Graph to) {
      if (nodesBefore < 0) {
        nodesBefore = sum(countOperators(from));
      }
      if (from != to) {
        add(countOperators(from), -1);
        add(countOperators(to), 1);
        changed = true;
      }
    }

    private void add(Map<String, Integer> counts, int sign) {
      for (Map.Entry<String, Integer> each : counts.entrySet()) {
        int before = delta.getOrDefault(each.getKey(), 0);
        delta.put(each.getKey(), before + sign * each.getValue());
      }
    }

    Effect effect() {
      delta.values().removeAll(List.of(0));
      return new Effect(
          pass.name(),
          pass.description(),
          nodesBefore,
          nodesBefore + sum(delta),
          Collections.unmodifiableSortedMap(delta),
          changed);
    }

    private static int sum(Map<String, Integer> counts) {
      int sum = 0;
      for (int count : counts.values()) {
        sum += count;
      }
      return sum;
    }
  }
}
