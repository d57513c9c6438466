package dev.tinytitan.ir;

import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * What an operator's decoder sees of a node in a model file, and how it brings the node into the
 * operator's newest form: attributes that became inputs, older meanings, operators that are
 * functions of others.
 */
public interface ImportContext {
  /** The model's opset of the operator's domain. */
  int opset();

  /** The node's name, for messages and for the names of what is added. */
  String nodeName();

  /** The node's attributes, subgraphs decoded. */
  Attributes attributes();

  /** The number of inputs written at the node, with those left out between others. */
  int inputCount();

  /** The number of outputs written at the node. */
  int outputCount();

  /** The name of input {@code index}; empty if left out. */
  String input(int index);

  /** True if input {@code index} is given. */
  default boolean hasInput(int index) {
    return !input(index).isEmpty();
  }

  /** The type of input {@code index} as far as known. */
  Optional<TensorType> inputType(int index);

  /** The value of input {@code index} where it is a constant. */
  Optional<Tensor> constant(int index);

  /**
   * The values around the node that its subgraphs read, each once. They are the last inputs of the
   * node ({@link #inputCount} counts them) and, in the same order and under the same names, the
   * last inputs of every one of its subgraphs, whether that one reads them or not. Constants are
   * not among them: a subgraph that reads one has it among its own initializers. Where inputs that
   * the operator requires were left out at the end, absent ones stand between them and the
   * captures.
   */
  List<String> captures();

  /** The value names of the node's outputs. */
  List<String> outputs();

  /** Replaces the inputs of the node being decoded. */
  void setInputs(List<String> inputs);

  /** Sets input {@code index}; the list grows with absent inputs if need be. */
  void setInput(int index, String value);

  /** Replaces the outputs of the node being decoded (a helper may produce some of them). */
  void setOutputs(List<String> outputs);

  /** Adds a constant and gives its name, made unique from the node's name and {@code hint}. */
  String addConstant(String hint, Tensor value);

  /**
   * Adds a node before this one and gives the name of its one output.
   *
   * @param inputs names of values, empty for one left out
   */
  String addNode(String hint, Operator operator, String... inputs);

  /** Adds a node that produces exactly these outputs (for what must come after this one). */
  void addNode(String hint, Operator operator, List<String> inputs, List<String> outputs);

  /** A fresh value name from the node's name and {@code hint}. */
  String newValue(String hint);

  /**
   * For an attribute that became an input: where the attribute is there and the input is not, adds
   * its value as a constant input (int64 from integers, float32 from floats; a vector from a list,
   * a scalar from one number).
   */
  void attributeToInput(String name, int index);

  /**
   * Ends the import of this node with a reason that is listed with all others; never returns.
   *
   * @throws RuntimeException always
   */
  RuntimeException unsupported(String reason);
}
