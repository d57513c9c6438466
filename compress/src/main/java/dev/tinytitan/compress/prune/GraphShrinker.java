package dev.tinytitan.compress.prune;

import dev.tinytitan.compress.internal.GraphDraft;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.Attention;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.ConvTranspose;
import dev.tinytitan.op.Expand;
import dev.tinytitan.op.GRU;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.GroupNormalization;
import dev.tinytitan.op.LSTM;
import dev.tinytitan.op.Pad;
import dev.tinytitan.op.RNN;
import dev.tinytitan.op.Recurrence;
import dev.tinytitan.op.RecurrentOperator;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.Resize;
import dev.tinytitan.op.Shapes;
import dev.tinytitan.op.Slice;
import dev.tinytitan.op.Split;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Writes a graph without some of its channels: cuts constants, and adjusts what operators say of
 * sizes. The result's shapes are inferred anew and held against what was meant.
 */
final class GraphShrinker {
  private final GraphScope scope;
  private final ChannelTrace trace;
  private final Set<Integer> removed;
  private final Map<GraphScope, Set<Integer>> all;
  private final GraphDraft draft;

  private GraphShrinker(GraphScope scope, Map<GraphScope, Set<Integer>> all) {
    this.scope = scope;
    this.trace = scope.trace();
    this.all = all;
    this.removed = all.getOrDefault(scope, Set.of());
    this.draft = new GraphDraft(scope.graph());
  }

  /**
   * A graph without some classes of places.
   *
   * @param removed the classes that go, by the graph or branch that they are in
   * @throws IllegalArgumentException if an axis would be left empty, or a size could not be
   *     adjusted
   */
  static Graph shrink(GraphScope scope, Map<GraphScope, Set<Integer>> removed) {
    return new GraphShrinker(scope, removed).shrink();
  }

  private Graph shrink() {
    Graph graph = scope.graph();
    graph.initializers().forEach((name, tensor) -> draft.replaceConstant(name, cut(name, tensor)));
    for (Node node : graph.nodes()) {
      draft.add(rewrite(node));
    }
    Graph.Builder result = draft.build().toBuilder();
    List<Value> annotations =
        draft.build().annotations().values().stream().map(this::narrowed).toList();
    Graph shrunk = result.annotations(annotations).build();
    if (!removed.isEmpty()) {
      verify(shrunk);
    }
    return shrunk;
  }

  private void verify(Graph shrunk) {
    ConcreteGraph check = trace.concrete().withGraph(shrunk);
    for (Node node : shrunk.nodes()) {
      for (String value : node.outputs()) {
        Optional<Shape> actual = check.shape(value);
        if (value.isEmpty() || !trace.isTraced(value) || actual.isEmpty()) {
          continue;
        }
        int[] wanted = new int[trace.axes(value).length];
        Arrays.setAll(wanted, axis -> kept(value, axis).length);
        if (!Arrays.equals(wanted, actual.get().toArray())) {
          throw new IllegalArgumentException(
              "value '"
                  + value
                  + "' would have the shape "
                  + actual.get()
                  + " where "
                  + Arrays.toString(wanted)
                  + " is meant");
        }
      }
    }
  }

  // What stays.

  private boolean stays(int id) {
    return !removed.contains(trace.ids().find(id));
  }

  /** The places of an axis that stay. */
  private int[] kept(String value, int axis) {
    int[] places = trace.axes(value)[axis];
    int[] kept = IntStream.range(0, places.length).filter(i -> stays(places[i])).toArray();
    if (kept.length == 0 && places.length > 0) {
      throw new IllegalArgumentException("nothing would be left of '" + value + "'");
    }
    return kept;
  }

  private boolean changes(String value, int axis) {
    return trace.isTraced(value)
        && Arrays.stream(trace.axes(value)[axis]).anyMatch(id -> !stays(id));
  }

  private int size(String value, int axis) {
    return kept(value, axis).length;
  }

  private Tensor cut(String name, Tensor tensor) {
    Tensor result = tensor;
    for (int axis = 0; axis < tensor.shape().rank(); axis++) {
      if (changes(name, axis)) {
        result = cut(result, axis, kept(name, axis));
      }
    }
    return result;
  }

  private static Tensor cut(Tensor tensor, int axis, int[] kept) {
    Shape shape = tensor.shape();
    int inner = shape.sizeBetween(axis + 1, shape.rank());
    int size = shape.dim(axis);
    int outer = shape.sizeBetween(0, axis);
    Tensor result = Tensor.zeros(tensor.dtype(), shape.withDim(axis, kept.length));
    int to = 0;
    for (int i = 0; i < outer; i++) {
      for (int place : kept) {
        result.copyElements(to, tensor, (i * size + place) * inner, inner);
        to += inner;
      }
    }
    return result;
  }

  private Value narrowed(Value value) {
    if (!(value.type() instanceof TensorType type)
        || !type.hasRank()
        || !trace.isTraced(value.name())) {
      return value;
    }
    List<Dim> dims = new ArrayList<>(type.knownDims());
    for (int axis = 0; axis < dims.size(); axis++) {
      if (changes(value.name(), axis)) {
        dims.set(axis, Dim.of(size(value.name(), axis)));
      }
    }
    return new Value(value.name(), type.withDims(dims), value.doc());
  }

  // Nodes.

  private Node rewrite(Node node) {
    if (!node.operator().subgraphs().isEmpty()) {
      return scope.withBranches(node, branch -> shrink(branch, all));
    }
    if (!trace.isTraced(node.output()) || node.inputs().stream().noneMatch(trace::isTraced)) {
      return node;
    }
    return switch (node.operator()) {
      case Conv conv ->
          node.withOperator(
              new Conv(conv.window(), size(node.input(0), 1) / size(node.input(1), 1)));
      case ConvTranspose conv ->
          node.withOperator(
              new ConvTranspose(
                  conv.window(),
                  size(node.output(), 1) / size(node.input(1), 1),
                  conv.outputPadding(),
                  conv.outputShape()));
      case GroupNormalization norm -> {
        int perGroup = trace.axes(node.input(0))[1].length / norm.groups();
        yield node.withOperator(
            new GroupNormalization(
                size(node.input(0), 1) / perGroup, norm.epsilon(), norm.stashType()));
      }
      case RecurrentOperator recurrent -> node.withOperator(recurrent(recurrent, node));
      case Attention attention -> node.withOperator(attention(attention, node));
      case Split split -> split(node, split);
      case Slice slice -> slice(node);
      case Gather gather -> gather(node, gather);
      case Pad pad -> pad(node);
      case Reshape view -> retarget(node, 1);
      case Expand expand -> retarget(node, 1);
      case Resize resize when node.hasInput(3) && resize.axes().isEmpty() -> retarget(node, 3);
      default -> node;
    };
  }

  private RecurrentOperator recurrent(RecurrentOperator operator, Node node) {
    Recurrence old = operator.recurrence();
    Recurrence recurrence =
        new Recurrence(
            old.hiddenSize() == 0 ? 0 : size(node.input(2), 2),
            old.direction(),
            old.activations(),
            old.clip(),
            old.batchFirst());
    return switch (operator) {
      case LSTM lstm -> new LSTM(recurrence, lstm.inputForget());
      case GRU gru -> new GRU(recurrence, gru.linearBeforeReset());
      case RNN rnn -> new RNN(recurrence);
      default -> operator;
    };
  }

  private Attention attention(Attention old, Node node) {
    if (old.queryHeads() == 0) {
      return old;
    }
    int perHead = trace.axes(node.input(0))[2].length / old.queryHeads();
    int heads = size(node.input(0), 2) / perHead;
    return new Attention(
        old.causal(),
        old.scale(),
        old.softcap(),
        heads,
        heads,
        old.productStage(),
        old.softmaxPrecision());
  }

  private Node split(Node node, Split split) {
    int axis = Shapes.axis(split.axis(), trace.axes(node.input(0)).length);
    if (!changes(node.input(0), axis)) {
      return node;
    }
    long[] sizes = node.outputs().stream().mapToLong(value -> size(value, axis)).toArray();
    return node.withOperator(new Split(split.axis(), 0))
        .withInput(1, draft.constant(node.name() + "_sizes", Tensor.of(sizes)));
  }

  private Node slice(Node node) {
    SliceRange[] ranges = SliceRange.of(new NodeTrace(trace, node));
    long[] starts = null;
    long[] ends = null;
    for (int axis = 0; axis < ranges.length; axis++) {
      SliceRange range = ranges[axis];
      if (range.isAbsent() || !changes(node.input(0), axis)) {
        continue;
      }
      if (starts == null || ends == null) {
        starts = trace.concrete().known(node.input(1)).orElseThrow().toLongArray();
        ends = trace.concrete().known(node.input(2)).orElseThrow().toLongArray();
      }
      starts[range.position()] = keptBetween(node.input(0), axis, 0, (int) range.start());
      ends[range.position()] = keptBetween(node.input(0), axis, 0, (int) range.end());
    }
    return starts == null || ends == null
        ? node
        : node.withInput(1, draft.constant(node.name() + "_starts", Tensor.of(starts)))
            .withInput(2, draft.constant(node.name() + "_ends", Tensor.of(ends)));
  }

  private long keptBetween(String value, int axis, int from, int to) {
    int[] places = trace.axes(value)[axis];
    return IntStream.range(from, to).filter(i -> stays(places[i])).count();
  }

  private Node gather(Node node, Gather gather) {
    String data = node.input(0);
    int axis = Shapes.axis(gather.axis(), trace.axes(data).length);
    if (!changes(data, axis)) {
      return node;
    }
    Tensor indices = trace.concrete().constant(node.input(1)).orElseThrow();
    int[] places = trace.axes(data)[axis];
    List<Long> renumbered = new ArrayList<>();
    for (long index : indices.toLongArray()) {
      int place = (int) (index < 0 ? index + places.length : index);
      if (stays(places[place])) {
        renumbered.add(keptBetween(data, axis, 0, place));
      }
    }
    Tensor left = Tensor.of(renumbered.stream().mapToLong(Long::longValue).toArray());
    Tensor shaped = indices.shape().rank() == 0 ? left.reshape(Shape.scalar()) : left;
    return node.withInput(1, draft.constant(node.name() + "_indices", shaped));
  }

  /** A pad of places that other values' channels joined loses those that go. */
  private Node pad(Node node) {
    int rank = trace.axes(node.input(0)).length;
    long[] pads = null;
    for (int axis = 0; axis < rank; axis++) {
      if (!changes(node.output(), axis)) {
        continue;
      }
      if (pads == null) {
        pads = trace.concrete().constant(node.input(1)).orElseThrow().toLongArray();
      }
      int begin = (int) pads[axis];
      int inner = trace.axes(node.input(0))[axis].length;
      int whole = trace.axes(node.output())[axis].length;
      pads[axis] = keptBetween(node.output(), axis, 0, begin);
      pads[rank + axis] = keptBetween(node.output(), axis, begin + inner, whole);
    }
    return pads == null
        ? node
        : node.withInput(1, draft.constant(node.name() + "_pads", Tensor.of(pads)));
  }

  // Targets of reshaping.

  /** Adjusts the numbers in a shape that a node is given. */
  private Node retarget(Node node, int input) {
    String output = node.output();
    int rank = trace.axes(output).length;
    String target = node.input(input);
    if (IntStream.range(0, rank).noneMatch(axis -> changes(output, axis))) {
      return node;
    }
    IntPredicate changed = axis -> changes(output, axis);
    return node.withInput(input, retarget(node, target, changed, 0));
  }

  /**
   * A shape, or a part of one, with other numbers.
   *
   * @param from the axis that the part's first number is for
   */
  private String retarget(Node node, String target, IntPredicate changed, int from) {
    Optional<Tensor> constant = trace.concrete().constant(target);
    if (constant.isPresent()) {
      long[] numbers = constant.get().toLongArray();
      boolean edited = false;
      for (int i = 0; i < numbers.length; i++) {
        // 0 and -1 follow by themselves.
        if (numbers[i] > 0 && changed.test(from + i)) {
          numbers[i] = size(node.output(), from + i);
          edited = true;
        }
      }
      return edited
          ? draft.constant(
              node.name() + "_shape", Tensor.of(numbers).reshape(constant.get().shape()))
          : target;
    }
    Optional<Node> producer = scope.graph().producer(target);
    if (producer.isEmpty() || !(producer.get().operator() instanceof Concat concat)) {
      // Made of other shapes, which become smaller by themselves.
      return target;
    }
    List<String> parts = new ArrayList<>();
    int at = from;
    for (String part : producer.get().inputs()) {
      parts.add(retarget(node, part, changed, at));
      at += trace.concrete().shape(part).orElseThrow().size();
    }
    return parts.equals(producer.get().inputs())
        ? target
        : draft.add(concat, parts, node.name() + "_shape");
  }
}
