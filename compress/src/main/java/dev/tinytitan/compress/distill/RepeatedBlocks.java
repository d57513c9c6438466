package dev.tinytitan.compress.distill;

import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphRewriter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.Identity;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Finds layers that follow each other and are alike, such as those of a transformer, and takes some
 * of them out.
 *
 * <p>A place between two nodes is known by the values that are made before it and read behind it. A
 * section lies between two places that differ in one value: what it reads, and what it gives. Runs
 * of sections that repeat, with weights of the same shapes, are layers; one whose input and output
 * have the same type can be left out.
 */
final class RepeatedBlocks {
  private final Graph graph;
  private final List<Set<String>> alive;
  private final Map<String, TensorType> types;
  private final List<Section> sections;

  /**
   * Nodes from one place to another.
   *
   * @param signature equal for sections that are alike
   */
  private record Section(int from, int to, String signature) {}

  /**
   * A layer.
   *
   * @param in the value that it reads
   * @param out the value that it gives
   */
  private record Block(int from, int to, String in, String out) {}

  /** Sections {@code [first, first + length)}, and as many times again after them. */
  private record Repetition(int first, int length, int times, int nodes) {}

  private RepeatedBlocks(Graph graph) {
    this.graph = graph;
    this.alive = alive(graph);
    this.types = TypeInference.infer(graph);
    this.sections = sections();
  }

  /**
   * Keeps a share of the layers of each run of layers, evenly spread, at least one.
   *
   * @param share over 0, below 1
   * @return empty if there are no layers that repeat
   */
  static Optional<Graph> keep(Graph graph, double share) {
    RepeatedBlocks blocks = new RepeatedBlocks(graph);
    List<Block> dropped = new ArrayList<>();
    for (List<Block> run : blocks.runs(0, blocks.sections.size())) {
      int kept = (int) Math.max(1, Math.round(share * run.size()));
      Set<Integer> stay = new HashSet<>();
      for (int i = 0; i < kept; i++) {
        stay.add((int) ((i + 0.5) * run.size() / kept));
      }
      for (int i = 0; i < run.size(); i++) {
        if (!stay.contains(i)) {
          dropped.add(run.get(i));
        }
      }
    }
    return dropped.isEmpty() ? Optional.empty() : Optional.of(blocks.without(dropped));
  }

  /** For each place, from before the first node to behind the last, the values alive there. */
  private static List<Set<String>> alive(Graph graph) {
    Set<String> varying = new HashSet<>();
    graph.inputs().forEach(input -> varying.add(input.name()));
    for (Node node : graph.nodes()) {
      if (node.inputs().stream().anyMatch(varying::contains)) {
        varying.addAll(node.outputs());
      }
    }
    List<Set<String>> places = new ArrayList<>();
    Set<String> live = new HashSet<>();
    graph.outputs().forEach(output -> live.add(output.name()));
    places.add(Set.copyOf(live));
    for (int i = graph.nodes().size() - 1; i >= 0; i--) {
      Node node = graph.nodes().get(i);
      node.outputs().forEach(live::remove);
      node.inputs().stream().filter(varying::contains).forEach(live::add);
      places.addFirst(Set.copyOf(live));
    }
    return places;
  }

  private List<Section> sections() {
    List<Section> found = new ArrayList<>();
    int from = 0;
    while (from < graph.nodes().size()) {
      int to = from + 1;
      while (to < alive.size() && !differInOne(from, to)) {
        to++;
      }
      if (to < alive.size()) {
        found.add(new Section(from, to, signature(from, to)));
        from = to;
      } else {
        from++;
      }
    }
    return found;
  }

  private boolean differInOne(int from, int to) {
    return onlyIn(from, to).size() == 1 && onlyIn(to, from).size() == 1;
  }

  /** Values alive at one place and not at the other. */
  private Set<String> onlyIn(int place, int other) {
    Set<String> only = new HashSet<>(alive.get(place));
    only.removeAll(alive.get(other));
    return only;
  }

  private String signature(int from, int to) {
    StringBuilder text = new StringBuilder();
    for (Node node : graph.nodes().subList(from, to)) {
      text.append(node.operator().spec().name());
      for (String input : node.inputs()) {
        Tensor weight = graph.initializers().get(input);
        if (weight != null && weight.dtype().isFloat()) {
          text.append(weight.shape());
        }
      }
      text.append(' ');
    }
    return text.toString();
  }

  /** The runs of layers among some sections: the longest, and those on both sides of it. */
  private List<List<Block>> runs(int first, int end) {
    Optional<Repetition> best = Optional.empty();
    for (int start = first; start < end; start++) {
      for (int length = 1; start + 2 * length <= end; length++) {
        int times = times(start, length, end);
        int nodes = sections.get(start + times * length - 1).to() - sections.get(start).from();
        if (times > 1
            && best.map(other -> nodes > other.nodes()).orElse(true)
            && blocks(start, length, times).isPresent()) {
          best = Optional.of(new Repetition(start, length, times, nodes));
        }
      }
    }
    if (best.isEmpty()) {
      return List.of();
    }
    Repetition found = best.get();
    List<List<Block>> all = new ArrayList<>(runs(first, found.first()));
    all.add(blocks(found.first(), found.length(), found.times()).orElseThrow());
    all.addAll(runs(found.first() + found.length() * found.times(), end));
    return all;
  }

  private int times(int start, int length, int end) {
    int times = 1;
    while (start + (times + 1) * length <= end && repeats(start, start + times * length, length)) {
      times++;
    }
    return times;
  }

  private boolean repeats(int one, int two, int length) {
    for (int i = 0; i < length; i++) {
      Section before = sections.get(two + i - 1);
      Section again = sections.get(two + i);
      if (!sections.get(one + i).signature().equals(again.signature())
          || before.to() != again.from()) {
        return false;
      }
    }
    return true;
  }

  /** The layers of a repetition; empty if one of them could not be left out. */
  private Optional<List<Block>> blocks(int start, int length, int times) {
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      int from = sections.get(start + i * length).from();
      int to = sections.get(start + (i + 1) * length - 1).to();
      if (!differInOne(from, to) || !hasWeights(from, to)) {
        return Optional.empty();
      }
      String in = onlyIn(from, to).iterator().next();
      String out = onlyIn(to, from).iterator().next();
      if (!areAlike(in, out)) {
        return Optional.empty();
      }
      blocks.add(new Block(from, to, in, out));
    }
    return Optional.of(blocks);
  }

  private boolean hasWeights(int from, int to) {
    return graph.nodes().subList(from, to).stream()
        .flatMap(node -> node.inputs().stream())
        .map(graph.initializers()::get)
        .filter(Objects::nonNull)
        .anyMatch(tensor -> tensor.dtype().isFloat() && tensor.shape().rank() > 1);
  }

  /** Whether two values may stand for each other, as far as their types are known. */
  private boolean areAlike(String one, String two) {
    TensorType a = types.get(one);
    TensorType b = types.get(two);
    if (a == null || b == null) {
      return true;
    }
    if (a.dtype() != b.dtype() || (a.hasRank() && b.hasRank() && a.rank() != b.rank())) {
      return false;
    }
    for (int i = 0; a.hasRank() && b.hasRank() && i < a.rank(); i++) {
      Dim x = a.dim(i);
      Dim y = b.dim(i);
      if (x.isFixed() && y.isFixed() && x.size() != y.size()) {
        return false;
      }
    }
    return true;
  }

  private Graph without(List<Block> dropped) {
    Map<String, String> instead = new HashMap<>();
    Set<Integer> gone = new HashSet<>();
    List<Node> identities = new ArrayList<>();
    for (Block block : dropped) {
      String in = instead.getOrDefault(block.in(), block.in());
      for (int i = block.from(); i < block.to(); i++) {
        gone.add(i);
      }
      if (graph.isOutput(block.out())) {
        identities.add(Node.of(block.out(), new Identity(), List.of(in), List.of(block.out())));
      } else {
        instead.put(block.out(), in);
      }
    }
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      if (!gone.contains(i)) {
        Node node = graph.nodes().get(i);
        List<String> inputs =
            node.inputs().stream().map(name -> instead.getOrDefault(name, name)).toList();
        nodes.add(node.withInputs(inputs));
      }
    }
    nodes.addAll(identities);
    List<Value> annotations =
        graph.annotations().values().stream()
            .filter(value -> nodes.stream().anyMatch(n -> n.outputs().contains(value.name())))
            .toList();
    return GraphRewriter.dropUnused(
        graph.toBuilder().nodes(nodes).annotations(annotations).build());
  }
}
