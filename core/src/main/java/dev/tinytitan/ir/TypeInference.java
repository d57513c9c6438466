package dev.tinytitan.ir;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.TitanException;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs the operators' shape rules through a graph. */
public final class TypeInference {
  private TypeInference() {}

  /**
   * The types of all tensor values of a graph that can be told without running it.
   *
   * @throws ShapeMismatchException if the values do not fit the operators
   */
  public static Map<String, TensorType> infer(Graph graph) {
    Map<String, TensorType> types = new HashMap<>();
    for (Value input : graph.inputs()) {
      if (input.type() instanceof TensorType type) {
        types.put(input.name(), type);
      }
    }
    return infer(graph, types, Map.of());
  }

  /**
   * The types of all tensor values of a graph, given those of its inputs.
   *
   * @param inputTypes types of the graph's inputs, by name
   * @param constants values known beside the graph's own initializers, by name
   */
  public static Map<String, TensorType> infer(
      Graph graph, Map<String, TensorType> inputTypes, Map<String, Tensor> constants) {
    Map<String, TensorType> types = new HashMap<>(inputTypes);
    for (Map.Entry<String, Tensor> constant : graph.initializers().entrySet()) {
      Tensor tensor = constant.getValue();
      types.put(constant.getKey(), TensorType.of(tensor.dtype(), tensor.shape()));
    }
    for (Node node : graph.nodes()) {
      List<TensorType> outputs = inferNode(graph, node, types, constants);
      for (int i = 0; i < node.outputs().size() && i < outputs.size(); i++) {
        if (!node.output(i).isEmpty()) {
          types.put(node.output(i), outputs.get(i));
        }
      }
    }
    return types;
  }

  /**
   * The types of one node's outputs, given those of the values it reads. Empty where an input's
   * type is not known.
   *
   * @param constants values known beside the graph's own initializers, by name
   */
  public static List<TensorType> inferNode(
      Graph graph, Node node, Map<String, TensorType> types, Map<String, Tensor> constants) {
    for (String input : node.inputs()) {
      if (!input.isEmpty() && !types.containsKey(input)) {
        return List.of();
      }
    }
    List<Optional<TensorType>> inputs = new ArrayList<>(node.inputs().size());
    for (String input : node.inputs()) {
      inputs.add(Optional.ofNullable(types.get(input)));
    }
    return inferNode(node, inputs, new GraphConstants(graph, node, constants));
  }

  /** The constants of a graph and others, as one of its nodes reads them. */
  private record GraphConstants(Graph graph, Node node, Map<String, Tensor> others)
      implements Constants {
    @Override
    public Optional<Tensor> get(int index) {
      Tensor known = others.get(node.input(index));
      return known != null ? Optional.of(known) : graph.constant(node.input(index));
    }
  }

  /** Where an operator's constant inputs come from. */
  @FunctionalInterface
  public interface Constants {
    /** The value of input {@code index} where it is a constant. */
    Optional<Tensor> get(int index);
  }

  /** The types of one node's outputs, given those of its inputs (empty for one left out). */
  public static List<TensorType> inferNode(
      Node node, List<Optional<TensorType>> inputs, Constants constants) {
    try {
      return node.operator().infer(new NodeContext(node, inputs, constants));
    } catch (IllegalArgumentException
        | IllegalStateException
        | IndexOutOfBoundsException
        | ArithmeticException error) {
      throw new ShapeMismatchException(
          "Node '"
              + node.name()
              + "' ("
              + node.operator().spec().name()
              + ") does not fit its inputs "
              + inputs.stream().map(t -> t.map(Object::toString).orElse("-")).toList()
              + ": "
              + error.getMessage()
              + ".");
    } catch (ShapeMismatchException error) {
      throw named(node, error);
    }
  }

  private static TitanException named(Node node, ShapeMismatchException error) {
    String message = String.valueOf(error.getMessage());
    return message.startsWith("Node '")
        ? error
        : new ShapeMismatchException(
            "Node '" + node.name() + "' (" + node.operator().spec().name() + "): " + message);
  }

  private record NodeContext(Node node, List<Optional<TensorType>> inputs, Constants constants)
      implements InferenceContext {
    @Override
    public String nodeName() {
      return node.name();
    }

    @Override
    public int inputCount() {
      return inputs.size();
    }

    @Override
    public boolean hasInput(int index) {
      return node.hasInput(index);
    }

    @Override
    public TensorType input(int index) {
      if (index >= inputs.size() || inputs.get(index).isEmpty()) {
        throw new MalformedModelException(
            "Node '"
                + node.name()
                + "' ("
                + node.operator().spec().name()
                + ") lacks input "
                + index
                + ".");
      }
      return inputs.get(index).orElseThrow();
    }

    @Override
    public Optional<Tensor> constant(int index) {
      return node.hasInput(index) ? constants.get(index) : Optional.empty();
    }

    @Override
    public int outputCount() {
      return node.outputs().size();
    }

    @Override
    public List<TensorType> infer(Graph subgraph, List<TensorType> types) {
      Map<String, TensorType> byName = new HashMap<>();
      for (int i = 0; i < types.size() && i < subgraph.inputs().size(); i++) {
        byName.put(subgraph.inputs().get(i).name(), types.get(i));
      }
      Map<String, TensorType> all = TypeInference.infer(subgraph, byName, Map.of());
      List<TensorType> result = new ArrayList<>();
      for (Value output : subgraph.outputs()) {
        TensorType type = all.get(output.name());
        if (type == null && output.type() instanceof TensorType declared) {
          type = declared;
        }
        if (type == null) {
          throw new ShapeMismatchException(
              "Output '"
                  + output.name()
                  + "' of subgraph '"
                  + subgraph.name()
                  + "' has no known type.");
        }
        result.add(type);
      }
      return result;
    }
  }
}
