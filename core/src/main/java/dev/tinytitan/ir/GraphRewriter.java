package dev.tinytitan.ir;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Applies edits to graphs: the one place where nodes are taken out, put in and put in order. */
public final class GraphRewriter {

  /** A rule: an edit for one node, or nothing. */
  @FunctionalInterface
  public interface Rule {
    /** The edit that this node asks for, if any. */
    Optional<GraphPatch> apply(Graph graph, Node node);
  }

  private static final int MAX_SWEEPS = 1000;

  private GraphRewriter() {}

  /**
   * Applies a rule to all nodes until it finds nothing more to do. Each sweep collects edits that
   * do not touch each other and applies them together. After a thousand sweeps it leaves the rest:
   * every edit keeps what the graph computes, so that the graph is right wherever it stops.
   */
  public static Graph rewrite(Graph graph, Rule rule) {
    Graph current = graph;
    for (int sweep = 0; sweep < MAX_SWEEPS; sweep++) {
      List<GraphPatch> patches = new ArrayList<>();
      Set<Node> touched = Collections.newSetFromMap(new IdentityHashMap<>());
      for (Node node : current.nodes()) {
        if (touched.contains(node)) {
          continue;
        }
        Optional<GraphPatch> patch = rule.apply(current, node);
        if (patch.isPresent() && isFree(current, patch.get(), touched)) {
          touch(current, patch.get(), touched);
          patches.add(patch.get());
        }
      }
      if (patches.isEmpty()) {
        return current;
      }
      current = apply(current, patches);
    }
    return current;
  }

  private static boolean isFree(Graph graph, GraphPatch patch, Set<Node> touched) {
    for (Node node : around(graph, patch)) {
      if (touched.contains(node)) {
        return false;
      }
    }
    for (Map.Entry<String, String> rename : patch.renames().entrySet()) {
      if (!canRename(graph, patch, rename.getKey(), rename.getValue())) {
        return false;
      }
    }
    return true;
  }

  /** An output keeps its name, so its value must be one that can take that name. */
  private static boolean canRename(Graph graph, GraphPatch patch, String value, String instead) {
    return !graph.isOutput(value)
        || (!graph.isOutput(instead)
            && (graph.producer(instead).isPresent() || isGiven(patch.add(), instead)));
  }

  private static boolean isGiven(List<Node> nodes, String value) {
    for (Node node : nodes) {
      if (node.outputs().contains(value)) {
        return true;
      }
    }
    return false;
  }

  private static void touch(Graph graph, GraphPatch patch, Set<Node> touched) {
    touched.addAll(around(graph, patch));
  }

  /** Removed nodes with all that give them values or read theirs, and readers of renamed values. */
  private static List<Node> around(Graph graph, GraphPatch patch) {
    List<Node> nodes = new ArrayList<>(patch.remove());
    for (Node node : patch.remove()) {
      addProducers(graph, node.inputs(), nodes);
      for (String output : node.outputs()) {
        nodes.addAll(graph.consumers(output));
      }
    }
    for (Node node : patch.add()) {
      addProducers(graph, node.inputs(), nodes);
    }
    for (Map.Entry<String, String> rename : patch.renames().entrySet()) {
      nodes.addAll(graph.consumers(rename.getKey()));
    }
    addProducers(graph, patch.renames().values(), nodes);
    return nodes;
  }

  private static void addProducers(Graph graph, Iterable<String> values, List<Node> to) {
    for (String value : values) {
      Node producer = graph.producer(value).orElse(null);
      if (producer != null) {
        to.add(producer);
      }
    }
  }

  /**
   * Applies edits that do not touch each other, drops what nobody reads, and restores the order.
   */
  public static Graph apply(Graph graph, List<GraphPatch> patches) {
    Set<Node> removed = Collections.newSetFromMap(new IdentityHashMap<>());
    Map<String, String> renames = new HashMap<>();
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    // New nodes stand where the last of those they replace stood, so that order stays stable.
    IdentityHashMap<Node, List<Node>> after = new IdentityHashMap<>();
    List<Node> front = new ArrayList<>();
    IdentityHashMap<Node, Integer> position = new IdentityHashMap<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      position.put(graph.nodes().get(i), i);
    }
    for (GraphPatch patch : patches) {
      removed.addAll(patch.remove());
      renames.putAll(patch.renames());
      initializers.putAll(patch.initializers());
      Node last = null;
      int lastPosition = -1;
      for (Node node : patch.remove()) {
        int nodePosition = position.getOrDefault(node, -1);
        if (last == null || nodePosition > lastPosition) {
          last = node;
          lastPosition = nodePosition;
        }
      }
      List<Node> place = last == null ? front : after.get(last);
      if (place == null) {
        place = new ArrayList<>();
        after.put(last, place);
      }
      place.addAll(patch.add());
    }
    List<Node> nodes = new ArrayList<>(front);
    for (Node node : graph.nodes()) {
      if (!removed.contains(node)) {
        nodes.add(node);
      }
      nodes.addAll(after.getOrDefault(node, List.of()));
    }
    List<Node> renamed = new ArrayList<>(nodes.size());
    for (Node node : nodes) {
      List<String> inputs = new ArrayList<>(node.inputs().size());
      for (String input : node.inputs()) {
        inputs.add(resolve(input, renames));
      }
      renamed.add(inputs.equals(node.inputs()) ? node : node.withInputs(inputs));
    }
    for (Value output : graph.outputs()) {
      if (!resolve(output.name(), renames).equals(output.name())) {
        // An output's name is the model's interface: it must survive, so the value takes that name.
        return keepOutputNames(graph, renamed, initializers, renames);
      }
    }
    return finish(graph, renamed, initializers);
  }

  private static Graph keepOutputNames(
      Graph graph,
      List<Node> nodes,
      Map<String, Tensor> initializers,
      Map<String, String> renames) {
    Map<String, String> back = new HashMap<>();
    for (Value output : graph.outputs()) {
      String value = resolve(output.name(), renames);
      if (value.equals(output.name())) {
        continue;
      }
      if (!isGiven(nodes, value)
          || graph.isOutput(value)
          || back.put(value, output.name()) != null) {
        throw new IllegalStateException(
            "output '" + output.name() + "' cannot be given by value '" + value + "'");
      }
    }
    List<Node> renamed = new ArrayList<>(nodes.size());
    for (Node node : nodes) {
      renamed.add(
          node.withInputs(replaced(node.inputs(), back))
              .withOutputs(replaced(node.outputs(), back)));
    }
    return finish(graph, renamed, initializers);
  }

  private static List<String> replaced(List<String> values, Map<String, String> by) {
    List<String> replaced = new ArrayList<>(values.size());
    for (String value : values) {
      replaced.add(by.getOrDefault(value, value));
    }
    return replaced;
  }

  private static String resolve(String value, Map<String, String> renames) {
    String current = value;
    for (int step = 0; step <= renames.size(); step++) {
      String next = renames.get(current);
      if (next == null) {
        return current;
      }
      current = next;
    }
    throw new IllegalStateException("values are renamed in a circle at " + value);
  }

  private static Graph finish(Graph graph, List<Node> nodes, Map<String, Tensor> initializers) {
    return dropUnused(
        graph.toBuilder().nodes(topologicalOrder(nodes)).initializers(initializers).build());
  }

  /** The graph without nodes and constants that no output depends on. */
  public static Graph dropUnused(Graph graph) {
    Set<String> needed = new HashSet<>();
    Deque<String> open = new ArrayDeque<>();
    for (Value output : graph.outputs()) {
      open.add(output.name());
    }
    Set<Node> live = Collections.newSetFromMap(new IdentityHashMap<>());
    while (!open.isEmpty()) {
      String value = open.remove();
      if (!value.isEmpty() && needed.add(value)) {
        Node producer = graph.producer(value).orElse(null);
        if (producer != null && live.add(producer)) {
          for (String input : producer.inputs()) {
            open.add(input);
          }
        }
      }
    }
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    initializers.keySet().retainAll(needed);
    List<Value> annotations = new ArrayList<>();
    for (Value value : graph.annotations().values()) {
      if (needed.contains(value.name())) {
        annotations.add(value);
      }
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (live.contains(node)) {
        nodes.add(node);
      }
    }
    return graph.toBuilder()
        .nodes(nodes)
        .initializers(initializers)
        .annotations(annotations)
        .build();
  }

  /**
   * The nodes in an order in which they can run, as near to the given order as that allows.
   *
   * @throws MalformedModelException if nodes wait for each other in a circle
   */
  public static List<Node> topologicalOrder(List<Node> nodes) {
    Map<String, Node> producers = new HashMap<>();
    for (Node node : nodes) {
      for (String output : node.outputs()) {
        if (!output.isEmpty()) {
          producers.put(output, node);
        }
      }
    }
    Set<Node> done = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Node> order = new ArrayList<>(nodes.size());
    Deque<Node> stack = new ArrayDeque<>();
    for (Node root : nodes) {
      stack.push(root);
      while (!stack.isEmpty()) {
        Node node = stack.peek();
        if (done.contains(node)) {
          stack.pop();
          continue;
        }
        boolean ready = true;
        boolean first = open.add(node);
        for (String input : node.inputs()) {
          Node producer = producers.get(input);
          if (producer != null && !done.contains(producer)) {
            if (!first || open.contains(producer)) {
              throw new MalformedModelException(
                  "Node '" + node.name() + "' depends on itself through value '" + input + "'.");
            }
            stack.push(producer);
            ready = false;
          }
        }
        if (ready) {
          stack.pop();
          done.add(node);
          order.add(node);
        }
      }
    }
    return order;
  }
}
