package dev.tinytitan.run;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.kernel.Chain;
import dev.tinytitan.kernel.KernelRequest;
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
      node.inputs().forEach(name -> readers.merge(name, 1, Integer::sum));
    }
    graph.outputs().forEach(output -> readers.merge(output.name(), 1, Integer::sum));
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
          readInside.merge(name, 1, Integer::sum);
          if (!outputs.contains(name)) {
            inputs.add(name);
          }
        }
      }
      node.outputs().stream().filter(name -> !name.isEmpty()).forEach(outputs::add);
    }
    // What nobody outside reads stays inside.
    outputs.removeIf(name -> readInside.getOrDefault(name, 0) >= readers.getOrDefault(name, 0));
    return new Chain(nodes, List.copyOf(inputs), List.copyOf(outputs));
  }
}
