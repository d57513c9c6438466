package dev.tinytitan.compress.internal;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphRewriter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A graph that is written anew, node by node, from an old one: keeps the old one's interface and
 * constants, hands out names that are free, and drops what is not used in the end.
 */
public final class GraphDraft {
  private final Graph graph;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> initializers;
  private final Set<String> taken = new HashSet<>();
  private final Map<String, Integer> suffixes = new HashMap<>();

  public GraphDraft(Graph graph) {
    this.graph = graph;
    this.initializers = new LinkedHashMap<>(graph.initializers());
    taken.addAll(initializers.keySet());
    graph.inputs().forEach(input -> taken.add(input.name()));
    for (Node node : graph.nodes()) {
      taken.add(node.name());
      taken.addAll(node.outputs());
    }
  }

  /** A name for a value or node that nobody has yet: the one wished for, or that with a number. */
  public String fresh(String wish) {
    String name = wish;
    while (!taken.add(name)) {
      name = wish + "_" + suffixes.merge(wish, 1, Integer::sum);
    }
    return name;
  }

  /** Adds a constant and gives its name. */
  public String constant(String wish, Tensor tensor) {
    String name = fresh(wish);
    initializers.put(name, tensor);
    return name;
  }

  /** Puts another tensor in the place of a constant. */
  public void replaceConstant(String name, Tensor tensor) {
    initializers.put(name, tensor);
  }

  /** A constant, of the old graph or added. */
  public Tensor constant(String name) {
    return Objects.requireNonNull(initializers.get(name), name);
  }

  /** Adds a node as it is. */
  public void add(Node node) {
    nodes.add(node);
  }

  /** Adds a node with one new output, whose name it gives. */
  public String add(Operator operator, List<String> inputs, String wish) {
    String output = fresh(wish);
    nodes.add(Node.of(output, operator, inputs, List.of(output)));
    return output;
  }

  /** Adds a node that gives a value which another node gave in the old graph. */
  public void give(String value, Operator operator, List<String> inputs, String wish) {
    nodes.add(Node.of(fresh(wish), operator, inputs, List.of(value)));
  }

  /** True if a node added so far reads the value. */
  public boolean isRead(String value) {
    return nodes.stream().anyMatch(node -> node.inputs().contains(value));
  }

  /** Lets all nodes added so far read other values. */
  public void replaceInputs(Map<String, String> instead) {
    nodes.replaceAll(node ->
        node.withInputs(node.inputs().stream().map(v -> instead.getOrDefault(v, v)).toList()));
  }

  /** The graph so far, without what no output needs. */
  public Graph build() {
    Set<String> given = new HashSet<>();
    nodes.forEach(node -> given.addAll(node.outputs()));
    List<Value> annotations =
        graph.annotations().values().stream()
            .filter(value -> given.contains(value.name()))
            .toList();
    return GraphRewriter.dropUnused(
        graph.toBuilder()
            .nodes(GraphRewriter.topologicalOrder(nodes))
            .initializers(initializers)
            .annotations(annotations)
            .build());
  }
}
