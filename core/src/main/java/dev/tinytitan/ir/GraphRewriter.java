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
    return around(graph, patch).stream().noneMatch(touched::contains)
        && patch.renames().entrySet().stream()
            .allMatch(rename -> canRename(graph, patch, rename.getKey(), rename.getValue()));
  }

  /** An output keeps its name, so its value must be one that can take that name. */
  private static boolean canRename(Graph graph, GraphPatch patch, String value, String instead) {
    return !graph.isOutput(value)
        || (!graph.isOutput(instead)
            && (graph.producer(instead).isPresent()
                || patch.add().stream().anyMatch(node -> node.outputs().contains(instead))));
  }

  private static void touch(Graph graph, GraphPatch patch, Set<Node> touched) {
    touched.addAll(around(graph, patch));
  }

  /** Removed nodes with all that give them values or read theirs, and readers of renamed values. */
  private static List<Node> around(Graph graph, GraphPatch patch) {
    List<Node> nodes = new ArrayList<>(patch.remove());
    for (Node node : patch.remove()) {
      node.inputs().forEach(input -> graph.producer(input).ifPresent(nodes::add));
      node.outputs().forEach(output -> nodes.addAll(graph.consumers(output)));
    }
    for (Node node : patch.add()) {
      node.inputs().forEach(input -> graph.producer(input).ifPresent(nodes::add));
    }
    patch
        .renames()
        .forEach((value, instead) -> {
          nodes.addAll(graph.consumers(value));
          graph.producer(instead).ifPresent(nodes::add);
        });
    return nodes;
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
      (last == null ? front : after.computeIfAbsent(last, key -> new ArrayList<>()))
          .addAll(patch.add());
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
      List<String> inputs = node.inputs().stream().map(v -> resolve(v, renames)).toList();
      renamed.add(inputs.equals(node.inputs()) ? node : node.withInputs(inputs));
    }
    List<Value> outputs =
        graph.outputs().stream()
            .map(v -> new Value(resolve(v.name(), renames), v.type(), v.doc()))
            .toList();
    if (!outputs.equals(graph.outputs())) {
      // An output's name is the model's interface: it must survive, so the value takes that name.
      return keepOutputNames(graph, renamed, initializers, renames);
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
      boolean given = nodes.stream().anyMatch(node -> node.outputs().contains(value));
      if (!given || graph.isOutput(value) || back.put(value, output.name()) != null) {
        throw new IllegalStateException(
            "output '" + output.name() + "' cannot be given by value '" + value + "'");
      }
    }
    List<Node> renamed = new ArrayList<>(nodes.size());
    for (Node node : nodes) {
      renamed.add(
          node.withInputs(node.inputs().stream().map(v -> back.getOrDefault(v, v)).toList())
              .withOutputs(node.outputs().stream().map(v -> back.getOrDefault(v, v)).toList()));
    }
    return finish(graph, renamed, initializers);
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
    graph.outputs().forEach(output -> open.add(output.name()));
    Set<Node> live = Collections.newSetFromMap(new IdentityHashMap<>());
    while (!open.isEmpty()) {
      String value = open.remove();
      if (!value.isEmpty() && needed.add(value)) {
        graph.producer(value).filter(live::add).ifPresent(node -> open.addAll(node.inputs()));
      }
    }
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    initializers.keySet().removeIf(name -> !needed.contains(name));
    List<Value> annotations =
        graph.annotations().values().stream()
            .filter(value -> needed.contains(value.name()))
            .toList();
    return graph.toBuilder()
        .nodes(graph.nodes().stream().filter(live::contains).toList())
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
      node.outputs().stream().filter(v -> !v.isEmpty()).forEach(v -> producers.put(v, node));
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
