package dev.tinytitan.ir;

import dev.tinytitan.MalformedModelException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Checks that a graph keeps the rules of {@link Graph}; run after import and, in tests, after every
 * pass.
 */
public final class Verifier {
  /** Subgraphs deeper than this are refused. */
  public static final int MAX_DEPTH = 64;

  private Verifier() {}

  /**
   * Checks a graph and its subgraphs.
   *
   * @throws MalformedModelException naming the first node or value that breaks a rule
   */
  public static void verify(Graph graph) {
    verify(graph, 0);
  }

  private static void verify(Graph graph, int depth) {
    if (depth > MAX_DEPTH) {
      throw new MalformedModelException("Subgraphs are nested more than " + MAX_DEPTH + " deep.");
    }
    Set<String> defined = new HashSet<>();
    for (Value input : graph.inputs()) {
      define(graph, defined, input.name(), "an input");
    }
    for (String name : graph.initializers().keySet()) {
      define(graph, defined, name, "an initializer");
    }
    Set<String> nodeNames = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (!nodeNames.add(node.name())) {
        throw new MalformedModelException("Two nodes are named '" + node.name() + "'.");
      }
      for (String input : node.inputs()) {
        if (!input.isEmpty() && !defined.contains(input)) {
          throw new MalformedModelException(
              "Node '"
                  + node.name()
                  + "' ("
                  + node.operator().spec().name()
                  + ") reads value '"
                  + input
                  + "', which nothing gives before it.");
        }
      }
      OpSpec spec = node.operator().spec();
      check(node, "inputs", node.inputs(), spec.minInputs(), spec.maxInputs());
      check(node, "outputs", node.outputs(), spec.minOutputs(), spec.maxOutputs());
      for (String output : node.outputs()) {
        if (!output.isEmpty()) {
          define(graph, defined, output, "node '" + node.name() + "'");
        }
      }
      for (Graph subgraph : node.operator().subgraphs()) {
        int captures = node.operator().captureCount();
        if (captures > node.inputs().size() || captures > subgraph.inputs().size()) {
          throw new MalformedModelException(
              "Node '"
                  + node.name()
                  + "' ("
                  + spec.name()
                  + ") captures "
                  + captures
                  + " values, which are not all inputs of it and its subgraphs.");
        }
        verify(subgraph, depth + 1);
      }
    }
    for (Value output : graph.outputs()) {
      if (!defined.contains(output.name())) {
        throw new MalformedModelException(
            "Output '" + output.name() + "' of graph '" + graph.name() + "' is never given.");
      }
    }
  }

  private static void check(Node node, String what, List<String> names, int min, int max) {
    int given = names.size();
    if (given < min || given > max) {
      throw new MalformedModelException(
          "Node '"
              + node.name()
              + "' ("
              + node.operator().spec().name()
              + ") has "
              + given
              + " "
              + what
              + ", but the operator takes "
              + (min == max
                  ? String.valueOf(min)
                  : min + (max == Integer.MAX_VALUE ? " or more" : " to " + max))
              + ".");
    }
  }

  private static void define(Graph graph, Set<String> defined, String name, String by) {
    if (name.isEmpty()) {
      throw new MalformedModelException("A value of graph '" + graph.name() + "' has no name.");
    }
    if (!defined.add(name)) {
      throw new MalformedModelException(
          "Value '" + name + "' is given twice, the second time by " + by + ".");
    }
  }
}
