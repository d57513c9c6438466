package dev.tinytitan.ir;

import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** What an operator's shape rule sees of its node. */
public interface InferenceContext {
  /** The node's name, for messages. */
  String nodeName();

  /** The number of inputs written at the node, with those left out between others. */
  int inputCount();

  /** True if input {@code index} is given. */
  boolean hasInput(int index);

  /**
   * The type of input {@code index}.
   *
   * @throws dev.tinytitan.MalformedModelException if the input is left out
   */
  TensorType input(int index);

  /** The value of input {@code index} where it is a constant. */
  Optional<Tensor> constant(int index);

  /** The number of outputs written at the node. */
  int outputCount();

  /**
   * Runs the shape rules through a subgraph and gives its outputs' types.
   *
   * @param inputs types of the subgraph's inputs, captured values included
   */
  List<TensorType> infer(Graph subgraph, List<TensorType> inputs);
}
