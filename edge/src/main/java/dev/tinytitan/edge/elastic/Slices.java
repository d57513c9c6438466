package dev.tinytitan.edge.elastic;

import dev.tinytitan.compress.prune.ChannelGroup;
import dev.tinytitan.compress.prune.ChannelUnit;
import dev.tinytitan.compress.prune.DependencyGraph;
import dev.tinytitan.compress.prune.WeightCut;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Narrower versions of a graph: of each group of channels the first so many are kept, so that the
 * weights of a narrower version are slices of those of a wider one.
 */
final class Slices {
  private final DependencyGraph dependencies;

  Slices(Graph graph) {
    this.dependencies = DependencyGraph.of(graph);
  }

  /** How many units of each group a width keeps: the nearest number, at least one. */
  Map<String, Integer> keep(double width) {
    Map<String, Integer> keep = new TreeMap<>();
    for (ChannelGroup group : dependencies.groups()) {
      keep.put(group.name(), (int) Math.max(1, Math.round(width * group.units().size())));
    }
    return keep;
  }

  /**
   * The narrower graph.
   *
   * @param keep how many units stay, by group; groups that are not named stay whole
   * @throws IllegalArgumentException if there is no such group, or it has not so many units
   */
  Graph at(Map<String, Integer> keep) {
    return dependencies.remove(removed(keep));
  }

  private List<ChannelUnit> removed(Map<String, Integer> keep) {
    List<ChannelUnit> removed = new ArrayList<>();
    int known = 0;
    for (ChannelGroup group : dependencies.groups()) {
      Integer count = keep.get(group.name());
      if (count != null) {
        known++;
        if (count < 1 || count > group.units().size()) {
          throw new IllegalArgumentException(
              "the group '" + group.name() + "' has no " + count + " units");
        }
        removed.addAll(group.units().subList(count, group.units().size()));
      }
    }
    if (known < keep.size()) {
      throw new IllegalArgumentException("the model has no groups such as " + keep.keySet());
    }
    return removed;
  }

  /**
   * Where the elements of each initializer of the narrower graph stand in the wide one's: flat
   * indices, in order.
   */
  Map<String, int[]> places(Map<String, Integer> keep) {
    Map<String, Map<Integer, BitSet>> gone = new LinkedHashMap<>();
    for (ChannelUnit unit : removed(keep)) {
      for (WeightCut cut : unit.cuts()) {
        BitSet set =
            gone.computeIfAbsent(cut.constant(), key -> new TreeMap<>())
                .computeIfAbsent(cut.axis(), key -> new BitSet());
        cut.places().forEach(set::set);
      }
    }
    Map<String, int[]> places = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> each : dependencies.graph().initializers().entrySet()) {
      places.put(
          each.getKey(), kept(each.getValue().shape(), gone.getOrDefault(each.getKey(), Map.of())));
    }
    return places;
  }

  private static int[] kept(Shape shape, Map<Integer, BitSet> gone) {
    int[] kept = {0};
    for (int axis = 0; axis < shape.rank(); axis++) {
      BitSet without = gone.getOrDefault(axis, new BitSet());
      int size = shape.dim(axis);
      int[] next = new int[kept.length * (size - without.cardinality())];
      int count = 0;
      for (int start : kept) {
        for (int i = without.nextClearBit(0); i < size; i = without.nextClearBit(i + 1)) {
          next[count++] = start * size + i;
        }
      }
      kept = next;
    }
    return kept;
  }
}
