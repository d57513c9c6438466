package dev.tinytitan.compress.internal;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphRewriter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.Identity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A part of a graph that can be left out, a layer of a network: what it gives has the type of what
 * it takes, so that readers of the one can read the other.
 *
 * @param in the value that it takes
 * @param out the value that it gives
 * @param nodes that nothing needs once {@code in} stands for {@code out}, in the graph's order
 */
public record Block(String in, String out, List<Node> nodes) {

  public Block {
    nodes = List.copyOf(nodes);
  }

  /** What lies between two values: the nodes that nothing needs without it. */
  static Block between(Graph graph, String in, String out) {
    Block bare = new Block(in, out, List.of());
    Graph rest = without(graph, List.of(bare));
    List<Node> gone = new ArrayList<>();
    for (Node node : graph.nodes()) {
      String output = node.output(0);
      if (rest.producer(output).isEmpty() || output.equals(out)) {
        gone.add(node);
      }
    }
    return new Block(in, out, gone);
  }

  /** The graph without some blocks, and without what nothing needs then. */
  public static Graph without(Graph graph, Collection<Block> dropped) {
    Map<String, String> instead = new HashMap<>();
    dropped.forEach(block -> instead.put(block.out(), block.in()));
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node.outputs().stream().noneMatch(instead::containsKey)) {
        nodes.add(node.withInputs(node.inputs().stream().map(name -> in(instead, name)).toList()));
      }
    }
    for (Value output : graph.outputs()) {
      String name = output.name();
      if (instead.containsKey(name)) {
        nodes.add(Node.of(name, new Identity(), List.of(in(instead, name)), List.of(name)));
      }
    }
    List<Value> annotations =
        graph.annotations().values().stream()
            .filter(value -> !instead.containsKey(value.name()))
            .toList();
    return GraphRewriter.dropUnused(
        graph.toBuilder().nodes(nodes).annotations(annotations).build());
  }

  /** What stands for a value: blocks that follow each other may all be gone. */
  private static String in(Map<String, String> instead, String name) {
    String current = name;
    while (instead.containsKey(current)) {
      current = Objects.requireNonNull(instead.get(current));
    }
    return current;
  }

  /** Whether there is a matrix or a kernel among the weights of some nodes. */
  static boolean hasWeights(Graph graph, List<Node> nodes) {
    return nodes.stream()
        .flatMap(node -> node.inputs().stream())
        .map(graph.initializers()::get)
        .filter(Objects::nonNull)
        .anyMatch(tensor -> tensor.shape().rank() > 1 && WeightCount.isWeight(tensor));
  }

  /** Whether all nodes of another one are among its own. */
  public boolean contains(Block other) {
    Set<String> names = nodes.stream().map(Node::name).collect(Collectors.toSet());
    return other.nodes.stream().allMatch(node -> names.contains(node.name()));
  }
}
