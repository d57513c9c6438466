package dev.tinytitan.train;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Forgets activations on the way forward and computes them again on the way back (checkpointing;
 * Chen et al. 2016, arXiv:1604.06174). The nodes of the forward pass are cut into segments of about
 * equal activation bytes. What a segment gives to later ones is kept; what only its own gradients
 * read is computed again, from what is kept, when the first of them needs it. The last segment is
 * at hand anyway.
 *
 * <p>Copies compute what the originals do, on the same kernels: results are the same.
 */
final class Recomputation {
  private final Graph graph;
  private final List<Node> nodes;

  /** How many of the nodes, from the first on, lead to the loss. */
  private final int forward;

  private final Map<String, Integer> madeBy = new HashMap<>();

  /** What each node of the forward pass adds to memory. */
  private final long[] bytes;

  /**
   * @param graph a training graph: the forward pass, then the gradients
   * @param loss the value with which the forward pass ends
   */
  Recomputation(Graph graph, String loss) {
    this.graph = graph;
    this.nodes = graph.nodes();
    int end = 0;
    for (int i = 0; i < nodes.size(); i++) {
      for (String output : nodes.get(i).outputs()) {
        madeBy.put(output, i);
      }
      end = nodes.get(i).outputs().contains(loss) ? i + 1 : end;
    }
    this.forward = end;
    Map<String, TensorType> types = TypeInference.infer(graph);
    this.bytes = new long[forward];
    for (int i = 0; i < forward; i++) {
      for (String output : nodes.get(i).outputs()) {
        TensorType type = types.get(output);
        if (type != null && type.isStatic() && type.dtype().bits() > 0) {
          bytes[i] += type.dtype().byteSize(type.shape().size());
        }
      }
    }
  }

  /** The most segments that make sense. */
  int most() {
    return Math.max(1, forward / 2);
  }

  /**
   * The graph that computes again what lies within segments.
   *
   * @param segments at least 1; 1 gives the graph as it is
   */
  Graph with(int segments) {
    int[] segmentOf = segments(segments);
    Set<String> kept = kept(segmentOf);
    Map<Integer, Set<Integer>> wanted = wanted(segmentOf, kept, segments);
    if (wanted.isEmpty()) {
      return graph;
    }
    List<Node> result = new ArrayList<>(nodes.subList(0, forward));
    Map<String, String> again = new HashMap<>();
    Set<Integer> done = new HashSet<>();
    for (Node node : nodes.subList(forward, nodes.size())) {
      for (String input : node.inputs()) {
        Integer maker = madeBy.get(input);
        int segment = maker == null || maker >= forward ? -1 : segmentOf[maker];
        if (wanted.containsKey(segment)
            && wanted.get(segment).contains(maker)
            && done.add(segment)) {
          repeat(segment, wanted.get(segment), kept, result, again);
        }
      }
      result.add(
          node.withInputs(node.inputs().stream().map(in -> again.getOrDefault(in, in)).toList()));
    }
    return graph.toBuilder().nodes(result).build();
  }

  /** For each node of the forward pass the number of its segment. */
  private int[] segments(int count) {
    long all = 0;
    for (long each : bytes) {
      all += each;
    }
    int[] segmentOf = new int[forward];
    long before = 0;
    for (int i = 0; i < forward; i++) {
      segmentOf[i] = all == 0 ? 0 : (int) Math.min(count - 1L, before * count / all);
      before += bytes[i];
    }
    return segmentOf;
  }

  /** The values that other segments, or outputs of the graph, read. */
  private Set<String> kept(int[] segmentOf) {
    Set<String> kept = new HashSet<>();
    graph.outputs().forEach(output -> kept.add(output.name()));
    for (int i = 0; i < forward; i++) {
      for (String input : nodes.get(i).inputs()) {
        Integer maker = madeBy.get(input);
        if (maker != null && segmentOf[maker] != segmentOf[i]) {
          kept.add(input);
        }
      }
    }
    return kept;
  }

  /**
   * For each segment, the nodes that are computed again: those whose results gradients read and
   * that are not kept, and what these need of the segment.
   */
  private Map<Integer, Set<Integer>> wanted(int[] segmentOf, Set<String> kept, int segments) {
    Map<Integer, Set<Integer>> wanted = new LinkedHashMap<>();
    for (Node node : nodes.subList(forward, nodes.size())) {
      for (String input : node.inputs()) {
        Integer maker = madeBy.get(input);
        if (maker != null
            && maker < forward
            && segmentOf[maker] < segments - 1
            && !kept.contains(input)) {
          need(maker, segmentOf, kept, wanted);
        }
      }
    }
    return wanted;
  }

  private void need(
      int node, int[] segmentOf, Set<String> kept, Map<Integer, Set<Integer>> wanted) {
    List<Integer> open = new ArrayList<>(List.of(node));
    Set<Integer> all = wanted.computeIfAbsent(segmentOf[node], key -> new HashSet<>());
    while (!open.isEmpty()) {
      int next = open.removeLast();
      if (!all.add(next)) {
        continue;
      }
      for (String input : nodes.get(next).inputs()) {
        Integer maker = madeBy.get(input);
        if (maker != null && !kept.contains(input)) {
          open.add(maker);
        }
      }
    }
  }

  /** Adds copies of nodes, in their order, and says what their results are called. */
  private void repeat(
      int segment,
      Set<Integer> which,
      Set<String> kept,
      List<Node> result,
      Map<String, String> again) {
    for (int i = 0; i < forward; i++) {
      if (which.contains(i)) {
        Node node = nodes.get(i);
        List<String> inputs =
            node.inputs().stream().map(input -> again.getOrDefault(input, input)).toList();
        List<String> outputs =
            node.outputs().stream()
                .map(output -> output.isEmpty() ? output : "again" + segment + "/" + output)
                .toList();
        result.add(
            Node.of("again" + segment + "/" + node.name(), node.operator(), inputs, outputs));
        for (int j = 0; j < outputs.size(); j++) {
          if (!kept.contains(node.outputs().get(j))) {
            again.put(node.outputs().get(j), outputs.get(j));
          }
        }
      }
    }
  }
}
