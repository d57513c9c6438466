package dev.tinytitan.compress.prune;

import dev.tinytitan.compress.internal.WeightCount;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Multiply-adds and weights of a graph while units are taken out of it: kept by sizes of axes
 * alone, so that thousands of possibilities can be weighed. Not thread-safe.
 */
final class ChannelCosts {
  private final Map<GraphScope, Part> parts = new HashMap<>();
  private long multiplyAdds;
  private long parameters;
  private long weightBytes;

  /** The sizes in one scope. */
  private static final class Part {
    final Map<String, int[]> sizes = new HashMap<>();
    final Map<Integer, List<Place>> places = new HashMap<>();
    final IdentityHashMap<Node, Long> costs = new IdentityHashMap<>();
    final Map<String, List<Node>> users = new HashMap<>();
  }

  /** Where a class lies: so many places along an axis of a value. */
  private record Place(String value, int axis, int count) {}

  ChannelCosts(GraphScope scope) {
    scope.all().forEach(this::add);
  }

  private void add(GraphScope scope) {
    Part part = new Part();
    parts.put(scope, part);
    ChannelTrace trace = scope.trace();
    for (String value : trace.values()) {
      int[][] axes = trace.axes(value);
      int[] sizes = new int[axes.length];
      for (int axis = 0; axis < axes.length; axis++) {
        sizes[axis] = axes[axis].length;
        Map<Integer, Integer> counts = new LinkedHashMap<>();
        for (int id : axes[axis]) {
          if (!trace.ids().isFixed(id)) {
            counts.merge(trace.ids().find(id), 1, Integer::sum);
          }
        }
        int at = axis;
        counts.forEach((root, count) ->
            part.places
                .computeIfAbsent(root, key -> new ArrayList<>())
                .add(new Place(value, at, count)));
      }
      part.sizes.put(value, sizes);
    }
    for (Node node : scope.graph().nodes()) {
      long cost = cost(scope, part, node);
      if (cost > 0) {
        part.costs.put(node, cost);
        multiplyAdds += cost;
        List<String> values = new ArrayList<>(node.inputs());
        values.addAll(node.outputs());
        Set.copyOf(values)
            .forEach(
                value -> part.users.computeIfAbsent(value, key -> new ArrayList<>()).add(node));
      }
    }
    scope
        .graph()
        .initializers()
        .forEach((name, tensor) -> {
          if (WeightCount.isWeight(tensor)) {
            parameters += tensor.size();
            weightBytes += tensor.byteSize();
          }
        });
  }

  private static long cost(GraphScope scope, Part part, Node node) {
    if (!node.operator().subgraphs().isEmpty()) {
      return 0;
    }
    List<@Nullable TensorType> inputs = new ArrayList<>();
    List<TensorType> outputs = new ArrayList<>();
    for (String input : node.inputs()) {
      int[] sizes = part.sizes.get(input);
      if (sizes == null && !input.isEmpty()) {
        return 0;
      }
      inputs.add(sizes == null ? null : type(scope, input, sizes));
    }
    for (String output : node.outputs()) {
      int[] sizes = part.sizes.get(output);
      if (sizes == null && !output.isEmpty()) {
        return 0;
      }
      if (sizes != null) {
        outputs.add(type(scope, output, sizes));
      }
    }
    // What constants alone make is computed once, when the model is loaded.
    boolean constant = scope.trace().concrete().isConstant(node.output());
    return constant || outputs.isEmpty() ? 0 : node.operator().cost(inputs, outputs).multiplyAdds();
  }

  private static TensorType type(GraphScope scope, String value, int[] sizes) {
    return TensorType.of(scope.trace().concrete().type(value).orElseThrow().dtype(), sizes);
  }

  /** Multiply-adds of one run. */
  long multiplyAdds() {
    return multiplyAdds;
  }

  /** Elements of all weights. */
  long parameters() {
    return parameters;
  }

  /** Bytes of all weights. */
  long weightBytes() {
    return weightBytes;
  }

  /** True if each axis that the units lie on keeps a place without them. */
  boolean canRemove(Collection<ChannelUnit> units) {
    Map<String, Integer> gone = new HashMap<>();
    for (ChannelUnit unit : units) {
      Part part = part(unit);
      for (Place place : part.places.getOrDefault(unit.root(), List.of())) {
        String key = System.identityHashCode(part) + "/" + place.axis() + "/" + place.value();
        int all = gone.merge(key, place.count(), Integer::sum);
        if (size(part, place) - all < 1) {
          return false;
        }
      }
    }
    return true;
  }

  private Part part(ChannelUnit unit) {
    Part part = parts.get(unit.scope());
    if (part == null) {
      throw new IllegalArgumentException("the unit belongs to another graph");
    }
    return part;
  }

  private static int size(Part part, Place place) {
    int[] sizes = part.sizes.get(place.value());
    return sizes == null ? 0 : sizes[place.axis()];
  }

  /** Takes units out. */
  void remove(Collection<ChannelUnit> units) {
    change(units, -1);
  }

  /** Puts units back. */
  void restore(Collection<ChannelUnit> units) {
    change(units, 1);
  }

  private void change(Collection<ChannelUnit> units, int sign) {
    Map<Part, Set<Node>> touched = new HashMap<>();
    Map<Part, GraphScope> scopes = new HashMap<>();
    for (ChannelUnit unit : units) {
      Part part = part(unit);
      scopes.put(part, unit.scope());
      Set<Node> nodes =
          touched.computeIfAbsent(part, key -> Collections.newSetFromMap(new IdentityHashMap<>()));
      for (Place place : part.places.getOrDefault(unit.root(), List.of())) {
        resize(unit.scope(), part, place, sign * place.count());
        nodes.addAll(part.users.getOrDefault(place.value(), List.of()));
      }
    }
    touched.forEach((part, nodes) -> {
      for (Node node : nodes) {
        long cost = cost(Objects.requireNonNull(scopes.get(part)), part, node);
        Long before = part.costs.put(node, cost);
        multiplyAdds += cost - (before == null ? 0 : before);
      }
    });
  }

  private void resize(GraphScope scope, Part part, Place place, int difference) {
    int[] sizes = part.sizes.get(place.value());
    if (sizes == null) {
      return;
    }
    Tensor tensor = scope.graph().initializers().get(place.value());
    boolean weight = tensor != null && WeightCount.isWeight(tensor);
    long before = weight ? product(sizes) : 0;
    sizes[place.axis()] += difference;
    if (weight && tensor != null) {
      long after = product(sizes);
      parameters += after - before;
      DType dtype = tensor.dtype();
      weightBytes += dtype.byteSize(after) - dtype.byteSize(before);
    }
  }

  private static long product(int[] sizes) {
    long product = 1;
    for (int size : sizes) {
      product *= size;
    }
    return product;
  }
}
