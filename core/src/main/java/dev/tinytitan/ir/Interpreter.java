package dev.tinytitan.ir;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs operators and graphs on the operators' references, one node after the other: the oracle, and
 * what constant folding uses.
 */
public final class Interpreter {
  private Interpreter() {}

  /** Runs a subgraph for a control-flow operator. */
  @FunctionalInterface
  public interface SubgraphRunner {
    /** The outputs of {@code subgraph} on these inputs, captured values included. */
    List<Tensor> run(Graph subgraph, List<Tensor> inputs);
  }

  /**
   * Runs a graph.
   *
   * @param inputs its inputs, in order
   * @return its outputs, in order
   */
  public static List<Tensor> run(Graph graph, List<Tensor> inputs) {
    Map<String, Tensor> values = new HashMap<>(graph.initializers());
    for (int i = 0; i < graph.inputs().size(); i++) {
      values.put(graph.inputs().get(i).name(), inputs.get(i));
    }
    for (Node node : graph.nodes()) {
      List<@Nullable Tensor> arguments = new ArrayList<>();
      for (String input : node.inputs()) {
        arguments.add(input.isEmpty() ? null : lookUp(values, input));
      }
      List<@Nullable Tensor> results = eval(node, arguments);
      for (int i = 0; i < results.size(); i++) {
        Tensor result = results.get(i);
        if (result != null) {
          values.put(node.output(i), result);
        }
      }
    }
    List<Tensor> outputs = new ArrayList<>();
    for (Value output : graph.outputs()) {
      outputs.add(lookUp(values, output.name()));
    }
    return outputs;
  }

  private static Tensor lookUp(Map<String, Tensor> values, String name) {
    Tensor value = values.get(name);
    if (value == null) {
      throw new MalformedModelException("Value '" + name + "' is read but never given.");
    }
    return value;
  }

  /**
   * Runs one node on its operator's reference.
   *
   * @param inputs null for an input left out
   * @return one tensor for each output of the node; null for one left out
   */
  public static List<@Nullable Tensor> eval(Node node, List<@Nullable Tensor> inputs) {
    Evaluation evaluation = new Evaluation(node, inputs, Interpreter::run);
    evaluation.eval();
    return evaluation.outputs();
  }

  /** One run of one node on its reference; subclasses may give planned tensors for outputs. */
  public static class Evaluation implements EvalContext {
    private final Node node;
    private final List<@Nullable Tensor> inputs;
    private final SubgraphRunner subgraphs;
    private final @Nullable Tensor[] outputs;

    /**
     * @param inputs null for an input left out
     */
    public Evaluation(Node node, List<@Nullable Tensor> inputs, SubgraphRunner subgraphs) {
      this.node = node;
      this.inputs = inputs;
      this.subgraphs = subgraphs;
      this.outputs = new Tensor[node.outputs().size()];
    }

    /**
     * Runs the reference.
     *
     * @throws ShapeMismatchException if the inputs do not fit the operator
     */
    public final void eval() {
      try {
        node.operator().eval(this);
      } catch (IllegalArgumentException
          | IllegalStateException
          | IndexOutOfBoundsException
          | NegativeArraySizeException
          | ArithmeticException error) {
        throw new ShapeMismatchException(
            "Node '"
                + node.name()
                + "' ("
                + node.operator().spec().name()
                + ") cannot run on its inputs: "
                + error.getMessage()
                + ".");
      }
      for (int i = 0; i < outputs.length; i++) {
        if (outputs[i] == null && !node.output(i).isEmpty()) {
          throw new MalformedModelException(
              "Node '"
                  + node.name()
                  + "' ("
                  + node.operator().spec().name()
                  + ") has no output "
                  + i
                  + ".");
        }
      }
    }

    /** The outputs; null for one left out. */
    public final List<@Nullable Tensor> outputs() {
      return Arrays.asList(outputs);
    }

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
      return index < inputs.size() && inputs.get(index) != null;
    }

    @Override
    public Tensor input(int index) {
      Tensor input = index < inputs.size() ? inputs.get(index) : null;
      if (input == null) {
        throw new MalformedModelException(
            "Node '"
                + node.name()
                + "' ("
                + node.operator().spec().name()
                + ") lacks input "
                + index
                + ".");
      }
      return input;
    }

    @Override
    public int outputCount() {
      return outputs.length;
    }

    @Override
    public boolean wantsOutput(int index) {
      return !node.output(index).isEmpty();
    }

    @Override
    public Tensor output(int index, DType dtype, Shape shape) {
      Tensor tensor = allocate(index, dtype, shape);
      setOutput(index, tensor);
      return tensor;
    }

    /** Gives the tensor to write an output into; a new one unless a subclass has planned it. */
    protected Tensor allocate(int index, DType dtype, Shape shape) {
      return Tensor.zeros(dtype, shape);
    }

    @Override
    public void setOutput(int index, Tensor tensor) {
      if (index < outputs.length) {
        outputs[index] = tensor;
      }
    }

    @Override
    public List<Tensor> run(Graph subgraph, List<Tensor> arguments) {
      return subgraphs.run(subgraph, arguments);
    }
  }
}
