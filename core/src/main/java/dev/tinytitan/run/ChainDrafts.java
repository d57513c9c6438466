package dev.tinytitan.run;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Value;
import dev.tinytitan.kernel.Chain;
import dev.tinytitan.kernel.KernelRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds out what goes into a chain of nodes and what comes out of it. Immutable. */
final class ChainDrafts {
  /** How often each value is read, by nodes and as the graph's output. */
  private final Map<String, Integer> readers = new HashMap<>();

  ChainDrafts(Graph graph) {
    for (Node node : graph.nodes()) {
      for (String input : node.inputs()) {
        count(readers, input);
      }
    }
    for (Value output : graph.outputs()) {
      count(readers, output.name());
    }
  }

  private static void count(Map<String, Integer> counts, String name) {
    counts.put(name, counts.getOrDefault(name, 0) + 1);
  }

  /** The chain of these nodes, neighbours in the graph's order. */
  Chain chain(List<KernelRequest> nodes) {
    Set<String> inputs = new LinkedHashSet<>();
    Set<String> outputs = new LinkedHashSet<>();
    Map<String, Integer> readInside = new HashMap<>();
    for (KernelRequest request : nodes) {
      Node node = request.node();
      for (int i = 0; i < node.inputs().size(); i++) {
        String name = node.input(i);
        if (node.hasInput(i) && !request.isConstant(i)) {
          count(readInside, name);
          if (!outputs.contains(name)) {
            inputs.add(name);
          }
        }
      }
      outputs.addAll(node.outputs());
    }
    outputs.remove("");
    // What nobody outside reads stays inside.
    List<String> given = new ArrayList<>();
    for (String name : outputs) {
      if (readInside.getOrDefault(name, 0) < readers.getOrDefault(name, 0)) {
        given.add(name);
      }
    }
    return new Chain(nodes, List.copyOf(inputs), given);
  }
}
