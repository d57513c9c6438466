package dev.tinytitan.pass;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.BinaryOperator;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a pass asks about a graph: who gives a value, who reads it, what is known about it. Types
 * are worked out once, when first asked for. Not thread-safe.
 */
public final class Scope {
  private final Graph graph;
  private @Nullable Map<String, TensorType> types;
  private final Map<Dim, List<Dim>> named = new HashMap<>();
  private @Nullable Set<String> names;

  /** Looks at a graph. */
  public Scope(Graph graph) {
    this.graph = graph;
  }

  /** The graph. */
  public Graph graph() {
    return graph;
  }

  /**
   * The type of a value as far as it can be told. A dimension about which nothing is known has a
   * name of its own wherever it comes from the same place, as if the model had named it.
   */
  public Optional<TensorType> type(String value) {
    if (types == null) {
      types = infer();
    }
    return Optional.ofNullable(types.get(value));
  }

  /**
   * A node whose inputs do not fit it gives values of unknown type: it may stand in a branch that
   * is never taken, and if not, fails with its reason when the graph is planned.
   */
  private Map<String, TensorType> infer() {
    Map<String, TensorType> types = new HashMap<>();
    for (Value input : graph.inputs()) {
      if (input.type() instanceof TensorType type) {
        types.put(input.name(), nameUnknown(input.name(), type, List.of()));
      }
    }
    for (Map.Entry<String, Tensor> constant : graph.initializers().entrySet()) {
      Tensor tensor = constant.getValue();
      types.put(constant.getKey(), TensorType.of(tensor.dtype(), tensor.shape()));
    }
    for (Node node : graph.nodes()) {
      List<TensorType> outputs;
      try {
        outputs = TypeInference.inferNode(graph, node, types, Map.of());
      } catch (ShapeMismatchException error) {
        continue;
      }
      for (int i = 0; i < node.outputs().size() && i < outputs.size(); i++) {
        if (!node.output(i).isEmpty()) {
          List<TensorType> operands = new ArrayList<>();
          if (node.operator() instanceof BinaryOperator) {
            for (String input : node.inputs()) {
              operands.add(types.get(input));
            }
          }
          types.put(node.output(i), nameUnknown(node.output(i), outputs.get(i), operands));
        }
      }
    }
    return types;
  }

  /**
   * Names the unknown dimensions of a value.
   *
   * @param operands the types that were broadcast to this one, if that is how it came about
   */
  private TensorType nameUnknown(String value, TensorType type, List<TensorType> operands) {
    if (!type.hasRank() || !type.knownDims().contains(Dim.UNKNOWN)) {
      return type;
    }
    List<Dim> dims = new ArrayList<>(type.knownDims());
    for (int i = 0; i < dims.size(); i++) {
      if (!dims.get(i).equals(Dim.UNKNOWN)) {
        continue;
      }
      Dim name = new Dim.Symbol("?" + value + ":" + i);
      dims.set(i, name);
      List<Dim> from = new ArrayList<>();
      for (TensorType operand : operands) {
        int at = operand.hasRank() ? i - dims.size() + operand.rank() : -1;
        if (at >= 0) {
          from.add(operand.dim(at));
        }
      }
      named.put(name, from);
    }
    return type.withDims(dims);
  }

  /** The type of a value without the names that stand for unknown dimensions here only. */
  public Optional<TensorType> plainType(String value) {
    return type(value)
        .map(type ->
            type.hasRank()
                ? type.withDims(
                    type.knownDims().stream()
                        .map(dim -> named.containsKey(dim) ? Dim.UNKNOWN : dim)
                        .toList())
                : type);
  }

  /**
   * True if a dimension is known to be 1 or the same as another whenever the graph runs: repeated
   * where needed, it does not make the other grow.
   */
  public boolean fits(Dim dim, Dim into) {
    if (dim.isFixed() && dim.size() == 1) {
      return true;
    }
    // Whatever was broadcast to make a dimension, was 1 or the same.
    Set<Dim> seen = new HashSet<>();
    Deque<Dim> open = new ArrayDeque<>(List.of(into));
    while (!open.isEmpty()) {
      Dim next = open.remove();
      if (next.equals(dim) && !next.equals(Dim.UNKNOWN)) {
        return true;
      }
      if (seen.add(next)) {
        open.addAll(named.getOrDefault(next, List.of()));
      }
    }
    return false;
  }

  /** The number of dimensions of a value, or -1 if it is not known. */
  public int rank(String value) {
    TensorType type = type(value).orElse(null);
    return type != null && type.hasRank() ? type.rank() : -1;
  }

  /** The node that gives a value, if its operator is of this class. */
  public Optional<Node> producer(String value, Class<? extends Operator> operator) {
    Optional<Node> node = graph.producer(value);
    return node.isPresent() && operator.isInstance(node.get().operator()) ? node : Optional.empty();
  }

  /** As {@link #producer}, where in addition only one node reads the value, once. */
  public Optional<Node> soleProducer(String value, Class<? extends Operator> operator) {
    return isReadOnce(value) ? producer(value, operator) : Optional.empty();
  }

  /** True if one node reads the value, in one place, and it is no output of the graph. */
  public boolean isReadOnce(String value) {
    List<Node> readers = graph.consumers(value);
    return readers.size() == 1
        && Collections.frequency(readers.get(0).inputs(), value) == 1
        && !graph.isOutput(value);
  }

  /** The one node that reads a value, if {@link #isReadOnce} and its operator is of this class. */
  public Optional<Node> soleReader(String value, Class<? extends Operator> operator) {
    if (!isReadOnce(value)) {
      return Optional.empty();
    }
    Node reader = graph.consumers(value).get(0);
    return operator.isInstance(reader.operator()) ? Optional.of(reader) : Optional.empty();
  }

  /** The value, if it is a constant. */
  public Optional<Tensor> constant(String value) {
    return graph.constant(value);
  }

  /** The number, if the value is a constant of one floating-point element. */
  public OptionalDouble scalar(String value) {
    Tensor tensor = graph.constant(value).orElse(null);
    return tensor != null && tensor.size() == 1 && tensor.dtype().isFloat()
        ? OptionalDouble.of(tensor.getDouble(0))
        : OptionalDouble.empty();
  }

  /** True if the value is a constant of one element, this number rounded to the value's dtype. */
  public boolean isScalar(String value, double number) {
    OptionalDouble scalar = scalar(value);
    return scalar.isPresent() && (float) scalar.getAsDouble() == (float) number;
  }

  /** A name that no value and no node of the graph has, made from {@code base}; never twice. */
  public String fresh(String base) {
    if (names == null) {
      names = new HashSet<>(graph.initializers().keySet());
      for (Value input : graph.inputs()) {
        names.add(input.name());
      }
      for (Node node : graph.nodes()) {
        names.add(node.name());
        names.addAll(node.outputs());
      }
    }
    String name = base;
    for (int i = 2; !names.add(name); i++) {
      name = base + "_" + i;
    }
    return name;
  }
}
