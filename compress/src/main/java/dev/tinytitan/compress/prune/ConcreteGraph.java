package dev.tinytitan.compress.prune;

import dev.tinytitan.BadDataException;
import dev.tinytitan.TitanException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.If;
import dev.tinytitan.op.ShapeOperator;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A graph for one set of input shapes: the types of all values, and the values that follow from
 * constants and shapes alone.
 */
final class ConcreteGraph {
  /** Tried in turn for a dimension that a model leaves open; the first that the model can run. */
  private static final List<Integer> OPEN_SIZES = List.of(7, 64, 96, 224, 512, 640, 1);

  private static final int OPEN_BATCH = 2;

  private final Graph graph;
  private final Map<String, TensorType> types = new HashMap<>();
  private final Map<String, Tensor> known = new HashMap<>();
  private final Set<String> constants = new HashSet<>();
  private final Map<String, TensorType> inputs;
  private final Map<String, Tensor> knownInputs;

  private ConcreteGraph(
      Graph graph, Map<String, TensorType> inputs, Map<String, Tensor> knownInputs) {
    this.graph = graph;
    this.inputs = inputs;
    this.knownInputs = knownInputs;
    types.putAll(inputs);
    known.putAll(knownInputs);
    graph.initializers().forEach((name, tensor) -> know(name, tensor, true));
    for (Node node : graph.nodes()) {
      add(node);
    }
  }

  /**
   * A graph at these input types.
   *
   * @throws TitanException if the graph cannot run at them
   */
  static ConcreteGraph of(Graph graph, Map<String, TensorType> inputs) {
    return new ConcreteGraph(graph, inputs, Map.of());
  }

  /**
   * What is made of a graph at the shapes given, with sizes that fit put in for dimensions that are
   * open then.
   *
   * @param shapes of inputs, by name; some or none
   * @param use fails with a {@link TitanException} where the sizes do not fit
   * @throws BadDataException if no sizes that were tried fit
   */
  static <T> T at(Graph graph, Map<String, Shape> shapes, Function<ConcreteGraph, T> use) {
    TitanException last =
        new BadDataException("No sizes were tried for the open dimensions of the inputs.");
    for (int size : OPEN_SIZES) {
      try {
        return use.apply(of(graph, types(graph, shapes, size)));
      } catch (TitanException error) {
        last = error;
      }
    }
    throw new BadDataException(
        "The model's inputs have open dimensions, and none of the sizes tried for them fits: "
            + last.getMessage()
            + " Give data, or a model whose inputs are fixed.",
        last);
  }

  private static Map<String, TensorType> types(Graph graph, Map<String, Shape> shapes, int open) {
    Map<String, TensorType> types = new LinkedHashMap<>();
    Map<String, Integer> symbols = new HashMap<>();
    for (Value input : graph.inputs()) {
      TensorType declared = input.tensorType();
      Shape given = shapes.get(input.name());
      if (given != null) {
        types.put(input.name(), TensorType.of(declared.dtype(), given));
        continue;
      }
      int rank = declared.hasRank() ? declared.rank() : 1;
      int[] sizes = new int[rank];
      for (int axis = 0; axis < rank; axis++) {
        Dim dim = declared.hasRank() ? declared.dim(axis) : Dim.UNKNOWN;
        int wish = (axis == 0 && rank > 1) || isBatch(graph, input, axis) ? OPEN_BATCH : open;
        sizes[axis] =
            switch (dim) {
              case Dim.Fixed(int fixed) -> fixed;
              case Dim.Symbol(String name) -> symbols.computeIfAbsent(name, key -> wish);
              case Dim.Unknown() -> wish;
            };
      }
      types.put(input.name(), TensorType.of(declared.dtype(), sizes));
    }
    return types;
  }

  /** The middle of a recurrent state, [layers, batch, size], where nothing is said of it. */
  private static boolean isBatch(Graph graph, Value input, int axis) {
    TensorType type = input.tensorType();
    return graph.inputs().size() > 1
        && type.hasRank()
        && type.rank() == 3
        && axis == 1
        && type.dim(0).isFixed()
        && type.dim(2).isFixed();
  }

  private void know(String name, Tensor tensor, boolean constant) {
    known.put(name, tensor);
    types.put(name, TensorType.of(tensor.dtype(), tensor.shape()));
    if (constant) {
      constants.add(name);
    }
  }

  private void add(Node node) {
    if (node.operator() instanceof If) {
      Optional<ConcreteGraph> taken = takenBranch(node);
      if (taken.isPresent()) {
        addOutputs(node, taken.get());
        return;
      }
    }
    if (isFolded(node)) {
      return;
    }
    List<TensorType> outputs = TypeInference.inferNode(graph, node, types, known);
    for (int i = 0; i < node.outputs().size() && i < outputs.size(); i++) {
      if (!node.output(i).isEmpty()) {
        types.put(node.output(i), outputs.get(i));
      }
    }
  }

  private boolean isFolded(Node node) {
    if (node.operator().isNondeterministic() || !node.operator().subgraphs().isEmpty()) {
      return false;
    }
    if (node.operator() instanceof ShapeOperator byShape) {
      TensorType type = types.get(node.input(0));
      if (type != null && type.isStatic()) {
        know(node.output(), byShape.evalShape(type.shape()), false);
        return true;
      }
      return false;
    }
    List<@Nullable Tensor> arguments = new ArrayList<>();
    boolean constant = true;
    for (String input : node.inputs()) {
      Tensor tensor = input.isEmpty() ? null : known.get(input);
      if (tensor == null && !input.isEmpty()) {
        return false;
      }
      constant &= input.isEmpty() || constants.contains(input);
      arguments.add(tensor);
    }
    List<@Nullable Tensor> results = Interpreter.eval(node, arguments);
    for (int i = 0; i < results.size(); i++) {
      Tensor result = results.get(i);
      if (result != null && !node.output(i).isEmpty()) {
        know(node.output(i), result, constant);
      }
    }
    return true;
  }

  private Optional<ConcreteGraph> takenBranch(Node node) {
    Tensor condition = known.get(node.input(0));
    return condition == null
        ? Optional.empty()
        : Optional.of(branch(node, condition.getBoolean(0) ? 0 : 1));
  }

  /** True unless the condition is known to take the other branch. */
  boolean isPossible(Node node, int index) {
    Tensor condition = known.get(node.input(0));
    return condition == null || condition.getBoolean(0) == (index == 0);
  }

  private void addOutputs(Node node, ConcreteGraph branch) {
    for (int i = 0; i < node.outputs().size(); i++) {
      String inner = branch.graph.outputs().get(i).name();
      TensorType type = branch.types.get(inner);
      if (type != null) {
        types.put(node.output(i), type);
      }
      Tensor value = branch.known.get(inner);
      if (value != null) {
        know(node.output(i), value, false);
      }
    }
  }

  /**
   * A branch of a condition at the shapes that reach it.
   *
   * @param index 0 for the first subgraph of the operator
   */
  ConcreteGraph branch(Node node, int index) {
    Graph branch = node.operator().subgraphs().get(index);
    Map<String, TensorType> inputs = new HashMap<>();
    Map<String, Tensor> values = new HashMap<>();
    for (int i = 0; i < branch.inputs().size(); i++) {
      String outer = node.input(1 + i);
      String inner = branch.inputs().get(i).name();
      TensorType type = types.get(outer);
      if (type != null) {
        inputs.put(inner, type);
      }
      Tensor value = known.get(outer);
      if (value != null) {
        values.put(inner, value);
      }
    }
    return new ConcreteGraph(branch, inputs, values);
  }

  Graph graph() {
    return graph;
  }

  /**
   * Another graph with the same inputs.
   *
   * @throws TitanException if it cannot run at their shapes
   */
  ConcreteGraph withGraph(Graph other) {
    return new ConcreteGraph(other, inputs, knownInputs);
  }

  /** The shape of a value, where it is known. */
  Optional<Shape> shape(String value) {
    TensorType type = types.get(value);
    return type != null && type.isStatic() ? Optional.of(type.shape()) : Optional.empty();
  }

  /** The type of a value, where anything is known of it. */
  Optional<TensorType> type(String value) {
    return Optional.ofNullable(types.get(value));
  }

  /** The types of all values of which anything is known. */
  Map<String, TensorType> types() {
    return Collections.unmodifiableMap(types);
  }

  /** A value that follows from constants and shapes. */
  Optional<Tensor> known(String value) {
    return Optional.ofNullable(known.get(value));
  }

  /** A value that follows from constants alone. */
  Optional<Tensor> constant(String value) {
    return constants.contains(value) ? Optional.ofNullable(known.get(value)) : Optional.empty();
  }

  /** True if the value follows from constants alone. */
  boolean isConstant(String value) {
    return constants.contains(value);
  }
}
