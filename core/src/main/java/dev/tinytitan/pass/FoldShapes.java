package dev.tinytitan.pass;

import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.GraphRewriter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.ShapeOf;
import dev.tinytitan.op.Slice;
import dev.tinytitan.op.Squeeze;
import dev.tinytitan.op.Unsqueeze;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Follows dimensions, known and symbolic, through the arithmetic on shapes that exporters write
 * (Shape, Gather, Unsqueeze, Concat and their kind). What turns out to be a constant becomes one; a
 * Reshape whose target repeats dimensions of its input is told so by zeros, which cuts it off from
 * the arithmetic.
 */
public record FoldShapes() implements Pass {
  /** Integer tensors longer than this are no shapes. */
  private static final int MAX_LENGTH = 64;

  /** One element of an integer tensor, as far as it is known. */
  private sealed interface Term {
    /** A number. */
    record Known(long number) implements Term {}

    /** The size that a name stands for. */
    record Symbol(String name) implements Term {}

    /** Anything. */
    record Unknown() implements Term {}
  }

  private static final Term UNKNOWN = new Term.Unknown();

  /** An integer tensor of no or one dimension. */
  private record Terms(List<Term> terms, boolean isScalar) {}

  @Override
  public String name() {
    return "fold-shapes";
  }

  @Override
  public String description() {
    return "Follows known and symbolic dimensions through arithmetic on shapes.";
  }

  @Override
  public Graph apply(Graph graph) {
    Scope scope = new Scope(graph);
    Map<String, Terms> known = new HashMap<>();
    List<GraphPatch> patches = new ArrayList<>();
    for (Map.Entry<String, Tensor> constant : graph.initializers().entrySet()) {
      Terms terms = constant(constant.getValue());
      if (terms != null) {
        known.put(constant.getKey(), terms);
      }
    }
    for (Node node : graph.nodes()) {
      if (node.operator() instanceof Reshape reshape) {
        retarget(scope, known, node, reshape).ifPresent(patches::add);
      }
      Terms terms = follow(scope, known, node);
      if (terms == null || terms.terms.size() > MAX_LENGTH) {
        continue;
      }
      known.put(node.output(), terms);
      if (terms.terms.stream().allMatch(Term.Known.class::isInstance)) {
        patches.add(
            GraphPatch.builder()
                .remove(node)
                .initializer(node.output(), tensor(scope, node.output(), terms))
                .build());
      }
    }
    return patches.isEmpty() ? graph : GraphRewriter.apply(graph, patches);
  }

  private static @Nullable Terms constant(Tensor tensor) {
    if ((tensor.dtype() != DType.INT64 && tensor.dtype() != DType.INT32)
        || tensor.shape().rank() > 1
        || tensor.size() > MAX_LENGTH) {
      return null;
    }
    List<Term> terms = new ArrayList<>(tensor.size());
    for (long number : tensor.toLongArray()) {
      terms.add(new Term.Known(number));
    }
    return new Terms(terms, tensor.shape().rank() == 0);
  }

  private static Tensor tensor(Scope scope, String value, Terms terms) {
    DType dtype = scope.type(value).map(TensorType::dtype).orElse(DType.INT64);
    Tensor tensor =
        Tensor.zeros(dtype, terms.isScalar ? Shape.scalar() : Shape.of(terms.terms.size()));
    for (int i = 0; i < terms.terms.size(); i++) {
      tensor.setLong(i, ((Term.Known) terms.terms.get(i)).number());
    }
    return tensor;
  }

  /** What the first output of a node holds; null if that is no shape or nothing is known of it. */
  private static @Nullable Terms follow(Scope scope, Map<String, Terms> known, Node node) {
    if (node.operator() instanceof ShapeOf shape) {
      return shapeOf(scope, node.input(0), shape);
    }
    Terms first = known.get(node.input(0));
    if (node.operator() instanceof Concat) {
      return concat(known, node);
    }
    if (first == null) {
      return null;
    }
    return switch (node.operator()) {
      case Identity identity -> first;
      case Cast cast -> cast.to() == DType.INT64 || cast.to() == DType.INT32 ? first : null;
      case Gather gather -> gather(first, known.get(node.input(1)));
      case Squeeze squeeze -> first.terms.size() == 1 ? new Terms(first.terms, true) : null;
      case Unsqueeze unsqueeze ->
          first.isScalar && scope.rank(node.output()) == 1 ? new Terms(first.terms, false) : null;
      case Reshape reshape ->
          first.terms.size() == 1 && scope.rank(node.output()) == 1
              ? new Terms(first.terms, false)
              : null;
      case Slice slice -> slice(scope, first, node);
      default -> null;
    };
  }

  private static @Nullable Terms shapeOf(Scope scope, String value, ShapeOf shape) {
    TensorType type = scope.type(value).filter(TensorType::hasRank).orElse(null);
    if (type == null) {
      return null;
    }
    int rank = type.rank();
    int from = Math.clamp(shape.start() < 0 ? shape.start() + rank : shape.start(), 0, rank);
    Integer end = shape.end();
    int to = Math.clamp(end == null ? rank : end < 0 ? end + rank : end, from, rank);
    List<Term> terms = new ArrayList<>();
    for (int axis = from; axis < to; axis++) {
      terms.add(term(type.dim(axis)));
    }
    return new Terms(terms, false);
  }

  private static Term term(Dim dim) {
    return switch (dim) {
      case Dim.Fixed fixed -> new Term.Known(fixed.size());
      case Dim.Symbol symbol -> new Term.Symbol(symbol.name());
      case Dim.Unknown unknown -> UNKNOWN;
    };
  }

  private static @Nullable Terms concat(Map<String, Terms> known, Node node) {
    List<Term> terms = new ArrayList<>();
    for (String input : node.inputs()) {
      Terms part = known.get(input);
      if (part == null || part.isScalar) {
        return null;
      }
      terms.addAll(part.terms);
    }
    return new Terms(terms, false);
  }

  private static @Nullable Terms gather(Terms from, @Nullable Terms indices) {
    if (indices == null || from.isScalar) {
      return null;
    }
    List<Term> terms = new ArrayList<>();
    for (Term index : indices.terms) {
      long at = -1;
      if (index instanceof Term.Known(long number)) {
        at = number < 0 ? number + from.terms.size() : number;
      }
      terms.add(at >= 0 && at < from.terms.size() ? from.terms.get((int) at) : UNKNOWN);
    }
    return new Terms(terms, indices.isScalar);
  }

  private static @Nullable Terms slice(Scope scope, Terms from, Node node) {
    OptionalInt start = bound(scope, node.input(1), from.terms.size());
    OptionalInt end = bound(scope, node.input(2), from.terms.size());
    boolean steps =
        node.hasInput(4)
            && scope
                .constant(node.input(4))
                .filter(t -> t.size() == 1 && t.getLong(0) == 1)
                .isEmpty();
    if (from.isScalar || start.isEmpty() || end.isEmpty() || steps) {
      return null;
    }
    int stop = Math.max(start.getAsInt(), end.getAsInt());
    return new Terms(from.terms.subList(start.getAsInt(), stop), false);
  }

  private static OptionalInt bound(Scope scope, String value, int size) {
    Optional<Tensor> tensor = scope.constant(value).filter(t -> t.size() == 1);
    if (tensor.isEmpty()) {
      return OptionalInt.empty();
    }
    long bound = tensor.get().getLong(0);
    return OptionalInt.of((int) Math.clamp(bound < 0 ? bound + size : bound, 0L, (long) size));
  }

  /** A constant target instead of a computed one, if every size in it can be said in advance. */
  private static Optional<GraphPatch> retarget(
      Scope scope, Map<String, Terms> known, Node node, Reshape reshape) {
    Terms target = known.get(node.input(1));
    TensorType input = scope.type(node.input(0)).filter(TensorType::hasRank).orElse(null);
    if (target == null
        || target.isScalar
        || reshape.allowZero()
        || scope.constant(node.input(1)).isPresent()) {
      return Optional.empty();
    }
    long[] sizes = new long[target.terms.size()];
    int open = -1;
    boolean others = true;
    for (int i = 0; i < sizes.length; i++) {
      Term term = target.terms.get(i);
      if (term instanceof Term.Known(long number)) {
        sizes[i] = number;
        others &= number > 0;
      } else if (input != null
          && i < input.rank()
          && !(term instanceof Term.Unknown)
          && term.equals(term(input.dim(i)))) {
        sizes[i] = 0;
        others = false;
      } else if (open < 0 && !(term instanceof Term.Unknown)) {
        open = i;
        sizes[i] = -1;
      } else {
        return Optional.empty();
      }
    }
    // What remains cannot be told where other sizes may be 0.
    if (open >= 0 && !others) {
      return Optional.empty();
    }
    String name = scope.fresh(node.output() + "_shape");
    return Optional.of(
        GraphPatch.builder()
            .remove(node)
            .add(node.withInput(1, name))
            .initializer(name, Tensor.of(sizes))
            .build());
  }
}
