package dev.tinytitan.ir;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/** What an operator's reference sees of one run of its node. */
public interface EvalContext {
  /** The node's name, for messages. */
  String nodeName();

  /** The number of inputs written at the node, with those left out between others. */
  int inputCount();

  /** True if input {@code index} is given. */
  boolean hasInput(int index);

  /**
   * Input {@code index}, to be read only.
   *
   * @throws dev.tinytitan.MalformedModelException if it is left out
   */
  Tensor input(int index);

  /** The number of outputs written at the node. */
  int outputCount();

  /** True if output {@code index} is wanted by somebody. */
  boolean wantsOutput(int index);

  /**
   * The tensor to write output {@code index} into: a planned one where its type was known
   * beforehand, else a new one. Its old contents are undefined. Never the storage of an input.
   */
  Tensor output(int index, DType dtype, Shape shape);

  /**
   * Gives a tensor that the operator made as output {@code index}; it must not be written later.
   */
  void setOutput(int index, Tensor tensor);

  /**
   * Runs a subgraph.
   *
   * @param inputs its inputs, captured values included
   * @return its outputs, owned by the caller
   */
  List<Tensor> run(Graph subgraph, List<Tensor> inputs);
}
