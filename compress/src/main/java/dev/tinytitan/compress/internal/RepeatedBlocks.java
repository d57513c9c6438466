package dev.tinytitan.compress.internal;

import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds layers that follow each other and are alike, such as those of a transformer.
 *
 * <p>A place between two nodes is known by the values that are made before it and read behind it. A
 * section lies between two places that differ in one value: what it reads, and what it gives. Runs
 * of sections that repeat, with weights of the same shapes, are layers; one whose input and output
 * have the same type can be left out.
 */
public final class RepeatedBlocks {
  private final Graph graph;
  private final Map<String, TensorType> types;
  private final List<Set<String>> alive;
  private final List<Section> sections;

  /**
   * Nodes from one place to another.
   *
   * @param signature equal for sections that are alike
   */
  private record Section(int from, int to, String signature) {}

  /** Sections {@code [first, first + length)}, and as many times again after them. */
  private record Repetition(int first, int length, int times, int nodes) {}

  /**
   * @param kept values that count as alive to the end
   */
  private RepeatedBlocks(Graph graph, Set<String> kept) {
    this.graph = graph;
    this.types = TypeInference.infer(graph);
    this.alive = alive(graph, kept);
    this.sections = sections();
  }

  /**
   * The runs of layers of a graph, each of two layers or more, in their order.
   *
   * @return empty if no layers repeat
   */
  public static List<List<Block>> of(Graph graph) {
    RepeatedBlocks blocks = new RepeatedBlocks(graph, Set.of());
    List<List<Block>> runs = blocks.runs();
    // What passes layers by, such as the mask of attention, dies in the last layer that reads it,
    // which must not look different from the others for that.
    Set<String> passing = blocks.passing(runs);
    return passing.isEmpty() ? runs : new RepeatedBlocks(graph, passing).runs();
  }

  /**
   * For each place, from before the first node to behind the last, the values alive there.
   *
   * @param kept values that stay alive to the end
   */
  private static List<Set<String>> alive(Graph graph, Set<String> kept) {
    Set<String> varying = new HashSet<>();
    graph.inputs().forEach(input -> varying.add(input.name()));
    for (Node node : graph.nodes()) {
      if (node.inputs().stream().anyMatch(varying::contains)) {
        varying.addAll(node.outputs());
      }
    }
    List<Set<String>> places = new ArrayList<>();
    Set<String> live = new HashSet<>(kept);
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

  /** Values alive on both sides of layers. */
  private Set<String> passing(List<List<Block>> runs) {
    Set<String> passing = new HashSet<>();
    for (List<Block> run : runs) {
      for (Block block : run) {
        int from = graph.nodes().indexOf(block.nodes().get(0));
        Set<String> both = new HashSet<>(alive.get(from));
        both.retainAll(alive.get(from + block.nodes().size()));
        passing.addAll(both);
      }
    }
    return passing;
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
        if (weight != null && WeightCount.isWeight(weight)) {
          text.append(weight.shape());
        }
      }
      text.append(' ');
    }
    return text.toString();
  }

  private List<List<Block>> runs() {
    return runs(0, sections.size());
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
      if (!differInOne(from, to) || !Block.hasWeights(graph, graph.nodes().subList(from, to))) {
        return Optional.empty();
      }
      String in = onlyIn(from, to).iterator().next();
      String out = onlyIn(to, from).iterator().next();
      if (!areAlike(in, out)) {
        return Optional.empty();
      }
      blocks.add(new Block(in, out, graph.nodes().subList(from, to)));
    }
    return Optional.of(blocks);
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
}
