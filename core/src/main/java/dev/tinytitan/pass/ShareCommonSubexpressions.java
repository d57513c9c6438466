package dev.tinytitan.pass;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphRewriter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where two nodes do the same to the same values, lets the readers of the second read the first.
 */
public record ShareCommonSubexpressions() implements Pass {
  /** Constants of up to this many elements are compared by value, larger ones by name. */
  private static final int SMALL = 64;

  /**
   * An operator with what it reads. Its hash is of what it reads only, and operators are compared
   * where that is equal: making the comparison of a record takes the JVM a millisecond for each
   * class of operators.
   */
  private record Key(Operator operator, List<Object> inputs) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key key
          && inputs.equals(key.inputs)
          && operator.getClass() == key.operator.getClass()
          && operator.equals(key.operator);
    }

    @Override
    public int hashCode() {
      return inputs.hashCode();
    }
  }

  @Override
  public String name() {
    return "share-common-subexpressions";
  }

  @Override
  public String description() {
    return "Computes once what several nodes compute alike.";
  }

  @Override
  public Graph apply(Graph graph) {
    Map<Key, Node> seen = new HashMap<>();
    Map<String, String> renames = new HashMap<>();
    List<Node> kept = new ArrayList<>(graph.nodes().size());
    for (Node original : graph.nodes()) {
      Node node = renamed(original, renames);
      if (node.operator().isNondeterministic() || !node.operator().subgraphs().isEmpty()) {
        kept.add(node);
        continue;
      }
      List<Object> inputs = new ArrayList<>();
      for (String input : node.inputs()) {
        Tensor constant = graph.constant(input).orElse(null);
        inputs.add(constant != null && constant.size() <= SMALL ? constant : input);
      }
      Node first = seen.putIfAbsent(new Key(node.operator(), inputs), node);
      if (first == null || !canReplace(graph, node, first)) {
        kept.add(node);
        continue;
      }
      for (int i = 0; i < node.outputs().size(); i++) {
        if (!node.output(i).isEmpty()) {
          renames.put(node.output(i), first.output(i));
        }
      }
    }
    return kept.size() == graph.nodes().size()
        ? graph
        : GraphRewriter.dropUnused(graph.toBuilder().nodes(kept).build());
  }

  private static Node renamed(Node node, Map<String, String> renames) {
    List<String> inputs = new ArrayList<>(node.inputs().size());
    for (String input : node.inputs()) {
      inputs.add(renames.getOrDefault(input, input));
    }
    return node.withInputs(inputs);
  }

  /** An output of the graph keeps its name, and so the node that gives it. */
  private static boolean canReplace(Graph graph, Node node, Node first) {
    for (int i = 0; i < node.outputs().size(); i++) {
      String output = node.output(i);
      if (!output.isEmpty() && (first.output(i).isEmpty() || graph.isOutput(output))) {
        return false;
      }
    }
    return true;
  }
}
