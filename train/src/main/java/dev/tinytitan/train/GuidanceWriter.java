package dev.tinytitan.train;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** Adds the nodes, inputs and parameters of a guidance to a graph under construction. */
final class GuidanceWriter extends NodeWriter implements GuidanceNodes {
  private static final String PREFIX = "guidance/";

  private final Graph.Builder graph;
  private final String prediction;
  private final Map<String, TensorType> types;
  private final Map<String, String> inputs = new LinkedHashMap<>();
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();

  GuidanceWriter(Graph.Builder graph, String prediction, Map<String, TensorType> types) {
    super(graph, PREFIX);
    this.graph = graph;
    this.prediction = prediction;
    this.types = types;
  }

  /** The inputs added: their own names, and those in the graph. */
  Map<String, String> inputs() {
    return inputs;
  }

  /** The parameters added, by their names in the graph. */
  Map<String, Tensor> parameters() {
    return parameters;
  }

  @Override
  public String prediction() {
    return prediction;
  }

  @Override
  public Shape shape(String value) {
    TensorType type = types.get(value);
    if (type == null || !type.isStatic()) {
      throw new ShapeMismatchException(
          "The model has no value '" + value + "' of a known shape to be guided.");
    }
    return type.shape();
  }

  @Override
  public String input(String name, Shape shape) {
    String full = PREFIX + "input/" + name;
    graph.input(full, TensorType.of(DType.FLOAT32, shape));
    inputs.put(name, full);
    return full;
  }

  @Override
  public String parameter(String name, Tensor initial) {
    String full = PREFIX + "parameter/" + name;
    graph.input(full, TensorType.of(initial.dtype(), initial.shape()));
    parameters.put(full, initial);
    return full;
  }
}
