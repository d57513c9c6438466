package dev.tinytitan.compress.prune;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.ConstantOfShape;
import dev.tinytitan.op.Expand;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.Pad;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.Resize;
import dev.tinytitan.op.ShapeOf;
import dev.tinytitan.op.Size;
import dev.tinytitan.op.Slice;
import dev.tinytitan.op.Split;
import dev.tinytitan.op.Squeeze;
import dev.tinytitan.op.Tile;
import dev.tinytitan.op.Unsqueeze;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Sees to models that compute with the size of an axis: the number of channels in the denominator
 * of a mean, say. Sizes that only say shapes adjust themselves when the axis becomes smaller; an
 * axis whose size is used as a number stays.
 */
final class SizeUses {
  private final ChannelTrace trace;
  private final Graph graph;

  /** For each integer value: the axes whose sizes each element depends on. */
  private final Map<String, List<Set<Axis>>> sizes = new HashMap<>();

  private record Axis(String value, int axis) {}

  private SizeUses(ChannelTrace trace) {
    this.trace = trace;
    this.graph = trace.concrete().graph();
  }

  static void fix(ChannelTrace trace) {
    SizeUses uses = new SizeUses(trace);
    uses.graph.nodes().forEach(uses::follow);
    uses.graph.outputs().forEach(output -> uses.fixAll(output.name(), "output of the model"));
  }

  private void follow(Node node) {
    switch (node.operator()) {
      case ShapeOf shape -> start(node);
      case Size size -> start(node);
      default -> {
        if (node.inputs().stream().anyMatch(sizes::containsKey)) {
          pass(node);
        }
      }
    }
  }

  private void start(Node node) {
    Optional<Shape> shape = trace.concrete().shape(node.input(0));
    Optional<Tensor> result = trace.concrete().known(node.output());
    if (shape.isEmpty() || result.isEmpty() || !trace.isTraced(node.input(0))) {
      return;
    }
    int rank = shape.get().rank();
    int first = node.operator() instanceof ShapeOf of ? Math.clamp(from(of, rank), 0, rank) : 0;
    List<Set<Axis>> elements = new ArrayList<>();
    if (node.operator() instanceof Size) {
      Set<Axis> all = new LinkedHashSet<>();
      for (int axis = 0; axis < rank; axis++) {
        all.add(new Axis(node.input(0), axis));
      }
      elements.add(all);
    } else {
      for (int i = 0; i < result.get().size(); i++) {
        elements.add(Set.of(new Axis(node.input(0), first + i)));
      }
    }
    sizes.put(node.output(), elements);
  }

  private static int from(ShapeOf shape, int rank) {
    return shape.start() < 0 ? shape.start() + rank : shape.start();
  }

  private void pass(Node node) {
    String data = node.input(0);
    List<Set<Axis>> in = sizes.get(data);
    switch (node.operator()) {
      case Cast cast when in != null && !cast.to().isFloat() -> sizes.put(node.output(), in);
      case Identity same when in != null -> sizes.put(node.output(), in);
      case Squeeze same when in != null -> sizes.put(node.output(), in);
      case Unsqueeze same when in != null -> sizes.put(node.output(), in);
      case Reshape same when in != null && !sizes.containsKey(node.input(1)) ->
          sizes.put(node.output(), in);
      case Gather gather when in != null && trace.concrete().isConstant(node.input(1)) ->
          pick(node, in);
      case Slice slice when in != null && isPlain(node) -> cut(node, in);
      case Concat concat -> join(node);
      case Reshape target -> fixAll(data, where(node));
      case Expand target -> fixAll(data, where(node));
      case Tile target -> fixAll(data, where(node));
      case Split target -> fixAll(data, where(node));
      case Resize target -> fixAll(data, where(node));
      case Slice target -> fixAll(data, where(node));
      case Pad target -> fixAll(data, where(node));
      case ConstantOfShape target -> {
        // Its result's axes stay as they are, and so must what they are made from.
        fixAll(data, where(node));
      }
      default -> node.inputs().forEach(input -> fixAll(input, where(node)));
    }
  }

  private static String where(Node node) {
    return node.operator().spec().name() + " '" + node.name() + "'";
  }

  private boolean isPlain(Node node) {
    return trace.concrete().isConstant(node.input(1)) && trace.concrete().isConstant(node.input(2));
  }

  private void pick(Node node, List<Set<Axis>> in) {
    Tensor indices = trace.concrete().constant(node.input(1)).orElseThrow();
    List<Set<Axis>> picked = new ArrayList<>();
    for (long index : indices.toLongArray()) {
      picked.add(in.get((int) (index < 0 ? index + in.size() : index)));
    }
    sizes.put(node.output(), picked);
  }

  private void cut(Node node, List<Set<Axis>> in) {
    SliceRange range = SliceRange.of(new NodeTrace(trace, node))[0];
    if (range.step() == 1 && range.start() <= range.end()) {
      sizes.put(node.output(), in.subList((int) range.start(), (int) range.end()));
    } else {
      fixAll(node.input(0), where(node));
    }
  }

  private void join(Node node) {
    List<Set<Axis>> all = new ArrayList<>();
    for (String input : node.inputs()) {
      List<Set<Axis>> part = sizes.get(input);
      int count = trace.concrete().shape(input).map(Shape::size).orElse(0);
      all.addAll(part == null ? Collections.nCopies(count, Set.of()) : part);
    }
    sizes.put(node.output(), all);
  }

  private void fixAll(String value, String user) {
    for (Set<Axis> axes : sizes.getOrDefault(value, List.of())) {
      for (Axis axis : axes) {
        int[] places = trace.axes(axis.value())[axis.axis()];
        trace.ids().fix(places, "has its size used as a number by " + user);
      }
    }
  }
}
