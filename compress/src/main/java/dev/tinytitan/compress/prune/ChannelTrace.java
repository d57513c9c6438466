package dev.tinytitan.compress.prune;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Follows channels through a graph. Each axis of each value, weights included, is a vector of ids;
 * each operator's rule says which ids its inputs and outputs share. Whatever ends up in one class
 * can only be removed together.
 *
 * <p>Where an axis is reshaped into several (heads of attention, a channel shuffle) or several into
 * one, classes can lie along one of them only, the carrier. A first walk leaves these open and sees
 * which axes are fixed and which number independent products; the second one decides by that.
 *
 * <p>Not thread-safe.
 */
final class ChannelTrace {
  /** The channels of a reshape are not decided yet. */
  static final int UNDECIDED = -1;

  /** None of the axes can carry classes. */
  static final int NONE = -2;

  private final ConcreteGraph concrete;
  private final ChannelIds ids = new ChannelIds();
  private final Map<String, int[][]> axes = new HashMap<>();
  private final Map<String, boolean[]> zeros = new HashMap<>();
  private final Set<Integer> batched = new HashSet<>();

  /** By node: the carrier that was chosen; null on the first walk. */
  private final Map<String, Integer> carriers;

  private final boolean isFirstWalk;
  private final Map<String, int[][]> openCarriers = new HashMap<>();
  private final List<Layer> layers = new ArrayList<>();

  /** A node with weights of its own. */
  static final class Layer {
    private final Node node;
    private final int[] outputs;
    private final int[] inputs;
    private final String data;
    private final String weights;
    private final int weightAxis;

    Layer(Node node, int[] outputs, int[] inputs, String data, String weights, int weightAxis) {
      this.node = node;
      this.outputs = outputs;
      this.inputs = inputs;
      this.data = data;
      this.weights = weights;
      this.weightAxis = weightAxis;
    }

    Node node() {
      return node;
    }

    /** The places that its weights make. */
    int[] outputs() {
      return outputs;
    }

    /** The places that its weights weigh, an axis of {@link #data}; empty for a table. */
    int[] inputs() {
      return inputs;
    }

    /** The value that is weighed. */
    String data() {
      return data;
    }

    /** The value that weighs it. */
    String weights() {
      return weights;
    }

    /**
     * The axis of the weights that is summed over; for a grouped convolution it is shorter than the
     * inputs.
     */
    int weightAxis() {
      return weightAxis;
    }
  }

  private ChannelTrace(ConcreteGraph concrete, Map<String, Integer> carriers, boolean first) {
    this.concrete = concrete;
    this.carriers = carriers;
    this.isFirstWalk = first;
  }

  /** Follows the channels of a graph; conditions are borders that nothing crosses. */
  static ChannelTrace of(ConcreteGraph concrete) {
    ChannelTrace first = new ChannelTrace(concrete, Map.of(), true);
    first.walk();
    ChannelTrace second = new ChannelTrace(concrete, first.decide(), false);
    second.walk();
    return second;
  }

  private void walk() {
    Graph graph = concrete.graph();
    for (Value input : graph.inputs()) {
      concrete
          .shape(input.name())
          .ifPresent(shape -> {
            int[][] places = fresh(shape);
            fix(places, "is input '" + input.name() + "' of the model");
            define(input.name(), places, new boolean[shape.rank()]);
          });
    }
    graph
        .initializers()
        .forEach((name, tensor) -> {
          boolean[] zero = new boolean[tensor.shape().rank()];
          Arrays.fill(zero, true);
          define(name, fresh(tensor.shape()), zero);
        });
    Set<String> outputs = new HashSet<>();
    graph.outputs().forEach(output -> outputs.add(output.name()));
    for (Node node : graph.nodes()) {
      follow(node);
    }
    for (String output : outputs) {
      if (axes.containsKey(output)) {
        fix(axes(output), "reaches output '" + output + "' of the model");
      }
    }
    SizeUses.fix(this);
  }

  private void follow(Node node) {
    boolean shaped =
        Stream.concat(node.inputs().stream(), node.outputs().stream())
            .allMatch(value -> value.isEmpty() || hasShape(value));
    NodeTrace view = new NodeTrace(this, node);
    boolean followed = shaped && ChannelRules.apply(view);
    if (followed) {
      view.finish();
    } else {
      String what = shaped ? "is not followed through " : "has no known shape around ";
      String reason = what + node.operator().spec().name() + " '" + node.name() + "'";
      node.inputs().stream().filter(axes::containsKey).forEach(value -> fix(axes(value), reason));
      for (String output : node.outputs()) {
        if (!output.isEmpty() && hasShape(output)) {
          int[][] places = fresh(shape(output));
          fix(places, reason);
          define(output, places, new boolean[places.length]);
        }
      }
    }
    for (String output : node.outputs()) {
      if (!output.isEmpty() && hasShape(output) && !axes.containsKey(output)) {
        int[][] places = fresh(shape(output));
        fix(places, "is made " + view.where());
        define(output, places, new boolean[places.length]);
      }
    }
  }

  private int[][] fresh(Shape shape) {
    int[][] places = new int[shape.rank()][];
    for (int axis = 0; axis < places.length; axis++) {
      places[axis] = ids.fresh(shape.dim(axis));
    }
    return places;
  }

  private void fix(int[][] places, String reason) {
    for (int[] axis : places) {
      ids.fix(axis, reason);
    }
  }

  // Carriers.

  /**
   * The carrier among axes that are reshaped together.
   *
   * @return its number; {@link #UNDECIDED} or {@link #NONE}
   */
  int carrier(Node node, int[][] candidates) {
    String key = node.name() + "/" + openCarriers.size();
    openCarriers.put(key, candidates);
    return isFirstWalk ? UNDECIDED : carriers.getOrDefault(key, NONE);
  }

  /** Decides after the first walk. */
  private Map<String, Integer> decide() {
    Map<String, Integer> decided = new HashMap<>();
    Set<Integer> chosen = new HashSet<>();
    Set<Integer> rejected = new HashSet<>();
    openCarriers.entrySet().stream()
        .sorted(Map.Entry.comparingByKey(ChannelTrace::byOrder))
        .forEach(entry -> {
          int[][] candidates = entry.getValue();
          int best = NONE;
          double bestRank = 0;
          for (int i = 0; i < candidates.length; i++) {
            double rank = rank(candidates[i], chosen, rejected);
            if (rank > 0 && rank >= bestRank) {
              best = i;
              bestRank = rank;
            }
          }
          decided.put(entry.getKey(), best);
          for (int i = 0; i < candidates.length && best >= 0; i++) {
            (i == best ? chosen : rejected).add(ids.find(candidates[i][0]));
          }
        });
    return decided;
  }

  private static int byOrder(String left, String right) {
    return Integer.compare(number(left), number(right));
  }

  private static int number(String key) {
    return Integer.parseInt(key.substring(key.lastIndexOf('/') + 1));
  }

  /** Heads before all else; else the finest cut. 0 for an axis that cannot carry. */
  private double rank(int[] candidate, Set<Integer> chosen, Set<Integer> rejected) {
    if (ids.isAnyFixed(candidate)) {
      return 0;
    }
    int first = ids.find(candidate[0]);
    double rank = candidate.length;
    if (rejected.contains(first) && !chosen.contains(first)) {
      rank *= 1e-6;
    }
    if (isBatched(first)) {
      rank *= 1e9;
    }
    return rank;
  }

  /** Notes that an axis numbers independent products. */
  void markBatched(int[] axis) {
    for (int id : axis) {
      batched.add(id);
    }
  }

  /** True if a place is one of those. */
  boolean isBatched(int id) {
    int root = ids.find(id);
    if (batched.contains(root)) {
      return true;
    }
    // Classes may have grown since they were noted.
    List.copyOf(batched).forEach(each -> batched.add(ids.find(each)));
    return batched.contains(root);
  }

  // What is known.

  ConcreteGraph concrete() {
    return concrete;
  }

  ChannelIds ids() {
    return ids;
  }

  boolean hasShape(String value) {
    return concrete.shape(value).isPresent();
  }

  Shape shape(String value) {
    return concrete.shape(value).orElseThrow();
  }

  /** True if the value's axes were followed. */
  boolean isTraced(String value) {
    return axes.containsKey(value);
  }

  int[][] axes(String value) {
    return Objects.requireNonNull(axes.get(value), value);
  }

  boolean[] zero(String value) {
    return Objects.requireNonNull(zeros.get(value), value);
  }

  void define(String value, int[][] places, boolean[] zero) {
    axes.put(value, places);
    zeros.put(value, zero);
  }

  /** Notes a node that has weights. */
  void layer(Layer layer) {
    layers.add(layer);
  }

  /** The nodes that have weights, in order. */
  List<Layer> layers() {
    return layers;
  }

  /** All values whose axes were followed. */
  List<String> values() {
    return axes.keySet().stream().sorted().toList();
  }
}
