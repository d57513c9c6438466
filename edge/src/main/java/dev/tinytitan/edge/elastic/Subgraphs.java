package dev.tinytitan.edge.elastic;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parts of graphs. */
final class Subgraphs {
  private Subgraphs() {}

  /** What a graph computes for one of its outputs; the inputs stay all. */
  static Graph upTo(Graph graph, String output) {
    Set<Node> needed = ancestors(graph, output, Set.of());
    return part(graph, needed, graph.inputs(), List.of(outputOf(graph, output)));
  }

  /**
   * Cuts a graph behind each of some outputs. Part {@code i} gives output {@code i} and whatever
   * later parts read of what was computed so far; it reads the graph's inputs and what earlier
   * parts gave.
   *
   * @param outputs from the one that is computed first to the last
   * @param types of values, by name
   */
  static List<Graph> stages(Graph graph, List<String> outputs, Map<String, Value> types) {
    List<Set<Node>> parts = new ArrayList<>();
    Set<Node> before = new HashSet<>();
    for (String output : outputs) {
      Set<Node> own = ancestors(graph, output, before);
      parts.add(own);
      before.addAll(own);
    }
    List<Graph> stages = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Set<Node> own = parts.get(i);
      Set<String> made = new HashSet<>();
      own.forEach(node -> made.addAll(node.outputs()));
      Map<String, Value> inputs = new LinkedHashMap<>();
      for (Node node : graph.nodes()) {
        if (own.contains(node)) {
          for (String name : node.inputs()) {
            if (!name.isEmpty()
                && !made.contains(name)
                && !graph.initializers().containsKey(name)) {
              inputs.put(name, graph.input(name).orElseGet(() -> typed(types, name)));
            }
          }
        }
      }
      Map<String, Value> given = new LinkedHashMap<>();
      given.put(outputs.get(i), outputOf(graph, outputs.get(i)));
      for (Set<Node> later : parts.subList(i + 1, parts.size())) {
        for (Node node : graph.nodes()) {
          if (later.contains(node)) {
            node.inputs().stream()
                .filter(made::contains)
                .filter(name -> !name.isEmpty())
                .forEach(name -> given.putIfAbsent(name, typed(types, name)));
          }
        }
      }
      stages.add(part(graph, own, List.copyOf(inputs.values()), List.copyOf(given.values())));
    }
    return stages;
  }

  private static Value typed(Map<String, Value> types, String name) {
    Value value = types.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no type is known of the value '" + name + "'");
    }
    return value;
  }

  private static Value outputOf(Graph graph, String name) {
    return graph.outputs().stream()
        .filter(value -> value.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no output is called '" + name + "'"));
  }

  private static Graph part(Graph graph, Set<Node> nodes, List<Value> inputs, List<Value> outputs) {
    Set<String> read = new LinkedHashSet<>();
    nodes.forEach(node -> read.addAll(node.inputs()));
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    initializers.keySet().retainAll(read);
    return graph.toBuilder()
        .inputs(inputs)
        .outputs(outputs)
        .initializers(initializers)
        .annotations(List.of())
        .nodes(graph.nodes().stream().filter(nodes::contains).toList())
        .build();
  }

  /** The nodes that a value depends on, but for some and what is behind those. */
  private static Set<Node> ancestors(Graph graph, String value, Set<Node> without) {
    Map<String, Node> producers = new HashMap<>();
    graph.nodes().forEach(node -> node.outputs().forEach(name -> producers.put(name, node)));
    Set<Node> found = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(value));
    while (!open.isEmpty()) {
      Node node = producers.get(open.pop());
      if (node != null && !without.contains(node) && found.add(node)) {
        node.inputs().stream().filter(name -> !name.isEmpty()).forEach(open::push);
      }
    }
    return found;
  }
}
