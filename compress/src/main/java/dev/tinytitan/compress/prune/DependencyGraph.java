package dev.tinytitan.compress.prune;

import dev.tinytitan.BadDataException;
import dev.tinytitan.TitanException;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.ConvTranspose;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.RecurrentOperator;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What can be removed from a model, found from its graph: channels are followed through every
 * operator, forwards and backwards, and all places that meet are one unit (in the manner of
 * DepGraph, Fang et al. 2023, arXiv:2301.12900, but place by place and not axis by axis, so that
 * concats, splits, shuffles and heads need no special cases).
 *
 * <p>Removing a unit gives just what the model gives with the unit's weights set to zero. What
 * cannot be removed in that way stays, each with the reason: see {@link #blocked}.
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class DependencyGraph {
  private final GraphScope scope;
  private final List<ChannelGroup> groups;
  private final List<Blocked> blocked;

  /**
   * A layer whose outputs cannot be removed.
   *
   * @param layer the node's name
   * @param reason why, as the rest of a sentence that begins with the axis
   */
  public record Blocked(String layer, String reason) {}

  private DependencyGraph(GraphScope scope) {
    this.scope = scope;
    Map<String, String> stays = new TreeMap<>();
    List<ChannelGroup> found = new ArrayList<>();
    for (GraphScope each : scope.all()) {
      found.addAll(groups(each, stays));
    }
    List<ChannelGroup> sound = new ArrayList<>();
    for (ChannelGroup group : found) {
      String problem =
          group.units().size() < 2 ? "is one with all others: none would be left" : problem(group);
      if (problem.isEmpty()) {
        sound.add(group);
      } else {
        group.producers().forEach(layer -> stays.put(layer, problem));
      }
    }
    sound.forEach(group -> group.producers().forEach(stays::remove));
    this.groups = List.copyOf(sound);
    this.blocked =
        stays.entrySet().stream().map(each -> new Blocked(each.getKey(), each.getValue())).toList();
  }

  /**
   * The units of a graph.
   *
   * @throws BadDataException if the graph's inputs have open dimensions, and none of the sizes
   *     tried for them fits
   */
  public static DependencyGraph of(Graph graph) {
    return of(graph, Map.of());
  }

  /**
   * The units of a graph.
   *
   * @param shapes of inputs that have open dimensions, by name; any that the model can run
   * @throws BadDataException if shapes are missing, and none of the sizes tried for them fits
   */
  public static DependencyGraph of(Graph graph, Map<String, Shape> shapes) {
    return new DependencyGraph(ConcreteGraph.at(graph, shapes, GraphScope::of));
  }

  /** All groups of units that can go, in the order of the nodes that make them. */
  public List<ChannelGroup> groups() {
    return groups;
  }

  /** The layers whose outputs cannot go, by name. */
  public List<Blocked> blocked() {
    return blocked;
  }

  /** The graph that was looked at. */
  public Graph graph() {
    return scope.graph();
  }

  GraphScope scope() {
    return scope;
  }

  /**
   * The graph without some units: smaller weights, and all that depends on sizes adjusted.
   *
   * @throws IllegalArgumentException if an axis would be left empty
   */
  public Graph remove(Collection<ChannelUnit> units) {
    return GraphShrinker.shrink(scope, roots(units));
  }

  /**
   * The graph with the weights of some units set to zero: as large as before, and with the same
   * outputs as {@link #remove} gives, but for the order of sums.
   */
  public Graph mask(Collection<ChannelUnit> units) {
    return ChannelMask.apply(scope, units);
  }

  private static Map<GraphScope, Set<Integer>> roots(Collection<ChannelUnit> units) {
    Map<GraphScope, Set<Integer>> roots = new HashMap<>();
    for (ChannelUnit unit : units) {
      roots.computeIfAbsent(unit.scope(), key -> new HashSet<>()).add(unit.root());
    }
    return roots;
  }

  /** Tries to remove one unit; what is wrong with that, or nothing. */
  private String problem(ChannelGroup group) {
    try {
      remove(group.units().subList(0, 1));
      return "";
    } catch (TitanException | IllegalArgumentException error) {
      return "cannot be cut: " + error.getMessage();
    }
  }

  // Units and groups.

  private record Axis(String constant, int axis) {}

  private static List<ChannelGroup> groups(GraphScope scope, Map<String, String> stays) {
    ChannelTrace trace = scope.trace();
    ChannelIds ids = trace.ids();
    Map<Integer, Map<Axis, List<Integer>>> units = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> entry : scope.graph().initializers().entrySet()) {
      int[][] axes = trace.axes(entry.getKey());
      for (int axis = 0; axis < axes.length; axis++) {
        Axis key = new Axis(entry.getKey(), axis);
        for (int place = 0; place < axes[axis].length; place++) {
          int id = axes[axis][place];
          if (!ids.isFixed(id)) {
            units
                .computeIfAbsent(ids.find(id), root -> new LinkedHashMap<>())
                .computeIfAbsent(key, each -> new ArrayList<>())
                .add(place);
          }
        }
      }
    }
    Map<Integer, Set<Node>> producers = new HashMap<>();
    Map<Integer, Set<Node>> consumers = new HashMap<>();
    for (ChannelTrace.Layer layer : trace.layers()) {
      note(ids, layer.outputs(), layer.node(), producers);
      note(ids, layer.inputs(), layer.node(), consumers);
      for (int id : layer.outputs()) {
        if (ids.isFixed(id)) {
          stays.putIfAbsent(scope.path() + layer.node().name(), ids.reason(id));
        }
      }
    }
    Map<Set<Axis>, List<Integer>> bySignature = new LinkedHashMap<>();
    units.forEach((root, cuts) -> {
      if (producers.containsKey(root) && hasWeights(scope, cuts.keySet())) {
        bySignature.computeIfAbsent(Set.copyOf(cuts.keySet()), key -> new ArrayList<>()).add(root);
      }
    });
    List<ChannelGroup> groups = new ArrayList<>();
    IdentityHashMap<Node, Integer> order = new IdentityHashMap<>();
    scope.graph().nodes().forEach(node -> order.put(node, order.size()));
    separated(trace, List.copyOf(bySignature.values()))
        .forEach(roots -> {
          List<ChannelUnit> list = new ArrayList<>();
          for (int root : roots) {
            list.add(new ChannelUnit(scope, root, cuts(units.getOrDefault(root, Map.of()))));
          }
          groups.add(group(scope, list, producers, consumers));
        });
    Map<String, Integer> numbers = new HashMap<>();
    scope.graph().nodes().forEach(node -> numbers.put(scope.path() + node.name(), order.get(node)));
    groups.sort(
        Comparator.comparingInt(group -> numbers.getOrDefault(group.producers().get(0), 0)));
    return distinct(groups);
  }

  /**
   * Groups of which all units but one may go without any axis being left empty. A part of a layer's
   * channels that a Split or Slice takes, and that are all that is there, are a group of their own.
   */
  private static List<List<Integer>> separated(ChannelTrace trace, List<List<Integer>> groups) {
    List<List<Integer>> separate = new ArrayList<>(groups);
    Map<Integer, Integer> memberships = new HashMap<>();
    for (int i = 0; i < separate.size(); i++) {
      for (int root : separate.get(i)) {
        memberships.put(root, i);
      }
    }
    for (String value : trace.values()) {
      for (int[] axis : trace.axes(value)) {
        Map<Integer, Set<Integer>> present = new TreeMap<>();
        for (int id : axis) {
          int root = trace.ids().find(id);
          Integer group = trace.ids().isFixed(id) ? null : memberships.get(root);
          present.computeIfAbsent(group == null ? -1 : group, key -> new HashSet<>()).add(root);
        }
        boolean safe =
            axis.length == 0
                || present.entrySet().stream()
                    .anyMatch(each ->
                        each.getKey() < 0
                            || each.getValue().size() == separate.get(each.getKey()).size());
        if (!safe) {
          Map.Entry<Integer, Set<Integer>> most =
              present.entrySet().stream()
                  .max(Comparator.comparingInt(each -> each.getValue().size()))
                  .orElseThrow();
          List<Integer> whole = separate.get(most.getKey());
          List<Integer> rest =
              whole.stream().filter(root -> !most.getValue().contains(root)).toList();
          rest.forEach(root -> memberships.put(root, separate.size()));
          separate.set(most.getKey(), whole.stream().filter(most.getValue()::contains).toList());
          separate.add(rest);
        }
      }
    }
    return separate;
  }

  /** Groups of one layer, the halves of a split say, get numbers. */
  private static List<ChannelGroup> distinct(List<ChannelGroup> groups) {
    Map<String, Integer> counts = new HashMap<>();
    groups.forEach(group -> counts.merge(group.name(), 1, Integer::sum));
    Map<String, Integer> seen = new HashMap<>();
    List<ChannelGroup> named = new ArrayList<>();
    for (ChannelGroup group : groups) {
      boolean alone = counts.getOrDefault(group.name(), 1) == 1;
      String name =
          alone ? group.name() : group.name() + "#" + seen.merge(group.name(), 1, Integer::sum);
      named.add(
          new ChannelGroup(
              name,
              group.kind(),
              group.width(),
              group.units(),
              group.producers(),
              group.consumers()));
    }
    return named;
  }

  private static boolean hasWeights(GraphScope scope, Set<Axis> axes) {
    return axes.stream()
        .map(axis -> scope.constant(axis.constant()).dtype())
        .anyMatch(dtype -> dtype.isFloat() || dtype == DType.INT8 || dtype == DType.UINT8);
  }

  private static void note(
      ChannelIds ids, int[] places, Node node, Map<Integer, Set<Node>> layers) {
    for (int id : places) {
      layers.computeIfAbsent(ids.find(id), key -> new LinkedHashSet<>()).add(node);
    }
  }

  private static List<WeightCut> cuts(Map<Axis, List<Integer>> places) {
    return places.entrySet().stream()
        .map(entry ->
            new WeightCut(entry.getKey().constant(), entry.getKey().axis(), entry.getValue()))
        .toList();
  }

  private static ChannelGroup group(
      GraphScope scope,
      List<ChannelUnit> units,
      Map<Integer, Set<Node>> producers,
      Map<Integer, Set<Node>> consumers) {
    int root = units.get(0).root();
    List<Node> makers = List.copyOf(producers.get(root));
    Node first = makers.get(0);
    ChannelTrace.Layer layer =
        scope.trace().layers().stream().filter(each -> each.node() == first).findFirst().get();
    int width = 0;
    for (int id : layer.outputs()) {
      width += scope.trace().ids().find(id) == root ? 1 : 0;
    }
    return new ChannelGroup(
        scope.path() + first.name(),
        kind(scope, first, root),
        width,
        units,
        makers.stream().map(node -> scope.path() + node.name()).toList(),
        consumers.getOrDefault(root, Set.of()).stream()
            .map(node -> scope.path() + node.name())
            .toList());
  }

  private static ChannelGroup.Kind kind(GraphScope scope, Node first, int root) {
    if (scope.trace().isBatched(root)) {
      return ChannelGroup.Kind.HEADS;
    }
    return switch (first.operator()) {
      case Conv conv -> ChannelGroup.Kind.CHANNELS;
      case ConvTranspose conv -> ChannelGroup.Kind.CHANNELS;
      case RecurrentOperator recurrent -> ChannelGroup.Kind.STATE;
      case Gather table -> ChannelGroup.Kind.EMBEDDING;
      default -> ChannelGroup.Kind.NEURONS;
    };
  }
}
