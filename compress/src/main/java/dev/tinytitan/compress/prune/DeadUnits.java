package dev.tinytitan.compress.prune;

import dev.tinytitan.Model;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.RecurrentOperator;
import dev.tinytitan.op.ShapeOperator;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Takes out of a graph what sparse pruning left without use: channels and neurons that no weight
 * reads, with all weights that make them, and those whose own weights are all zero, whose constant
 * goes into the biases of the layers that read them. The model computes what it computed, up to the
 * order of sums. Weights must be plain constants, as they are before quantization and clustering.
 */
public final class DeadUnits {
  private DeadUnits() {}

  /**
   * A model without them; the same model if there are none.
   *
   * @param shapes of inputs that have open dimensions, by name; any that the model can run
   * @throws dev.tinytitan.BadDataException if shapes are missing, and none of the sizes tried for
   *     them fits
   */
  public static Model drop(Model model, Map<String, Shape> shapes) {
    Graph graph = model.graph();
    while (true) {
      // What is dropped may leave those that fed it without readers.
      DependencyGraph dependencies = DependencyGraph.of(graph, shapes);
      Optional<Graph> folded = ConstantUnits.fold(dependencies.scope());
      if (folded.isPresent()) {
        graph = folded.get();
        continue;
      }
      List<ChannelUnit> dead = dead(dependencies);
      if (dead.isEmpty()) {
        return graph == model.graph() ? model : Model.of(graph, model.info());
      }
      graph = dependencies.remove(dead);
    }
  }

  private static List<ChannelUnit> dead(DependencyGraph dependencies) {
    Map<String, Uses> uses = new HashMap<>();
    dependencies.scope().all().forEach(scope -> uses.put(scope.path(), Uses.of(scope)));
    List<ChannelUnit> all = new ArrayList<>();
    for (ChannelGroup group : dependencies.groups()) {
      List<ChannelUnit> dead =
          group.units().stream()
              .filter(unit -> Objects.requireNonNull(uses.get(unit.scope().path())).isDead(unit))
              .toList();
      // One stays where all are dead: no axis may become empty.
      all.addAll(dead.size() == group.units().size() ? dead.subList(1, dead.size()) : dead);
    }
    return all;
  }

  /** Which nodes of a graph read and give the places of each class. */
  private record Uses(
      ChannelTrace trace, Map<Integer, Set<Node>> readers, Map<Integer, Set<Node>> givers) {

    static Uses of(GraphScope scope) {
      Uses uses = new Uses(scope.trace(), new HashMap<>(), new HashMap<>());
      for (Node node : scope.graph().nodes()) {
        if (!(node.operator() instanceof ShapeOperator)) {
          node.inputs().forEach(value -> uses.note(value, node, uses.readers));
          node.outputs().forEach(value -> uses.note(value, node, uses.givers));
        }
      }
      return uses;
    }

    private void note(String value, Node node, Map<Integer, Set<Node>> nodes) {
      if (!trace.isTraced(value)) {
        return;
      }
      for (int[] axis : trace.axes(value)) {
        for (int id : axis) {
          nodes.computeIfAbsent(trace.ids().find(id), root -> new LinkedHashSet<>()).add(node);
        }
      }
    }

    /** True if, wherever the unit ends, it does so in a layer that weighs it with zeros only. */
    boolean isDead(ChannelUnit unit) {
      boolean weighed = false;
      Set<Node> makers = givers.getOrDefault(unit.root(), Set.of());
      if (makers.stream().anyMatch(node -> node.operator() instanceof RecurrentOperator)) {
        // A state feeds all others at the next step.
        return false;
      }
      for (Node node : readers.getOrDefault(unit.root(), Set.of())) {
        Optional<ChannelTrace.Layer> layer =
            trace.layers().stream()
                .filter(each -> each.node() == node && weighs(each, unit))
                .findFirst();
        if (layer.isPresent() && !isWithin(layer.get(), unit)) {
          if (!isWeighedWithZeros(layer.get(), unit)) {
            return false;
          }
          weighed = true;
        } else if (!makers.contains(node)) {
          return false;
        }
      }
      return weighed;
    }

    private boolean weighs(ChannelTrace.Layer layer, ChannelUnit unit) {
      return Arrays.stream(layer.inputs()).anyMatch(id -> trace.ids().find(id) == unit.root());
    }
  }

  /** True for a group of a grouped convolution whose inputs and outputs are one unit. */
  private static boolean isWithin(ChannelTrace.Layer layer, ChannelUnit unit) {
    return layer.node().operator() instanceof Conv conv
        && conv.group() > 1
        && weightCut(layer, unit).isEmpty();
  }

  private static Optional<WeightCut> weightCut(ChannelTrace.Layer layer, ChannelUnit unit) {
    return unit.cuts().stream()
        .filter(cut -> cut.constant().equals(layer.weights()) && cut.axis() == layer.weightAxis())
        .findFirst();
  }

  private static boolean isWeighedWithZeros(ChannelTrace.Layer layer, ChannelUnit unit) {
    Optional<WeightCut> cut = weightCut(layer, unit);
    if (cut.isEmpty() || !unit.weights(cut.get()).dtype().isFloat()) {
      return false;
    }
    Tensor weights = unit.weights(cut.get());
    boolean[] zero = {true};
    unit.forEachElement(
        (each, index) -> zero[0] &= !each.equals(cut.get()) || weights.getDouble((int) index) == 0);
    return zero[0];
  }
}
