package dev.tinytitan.ir;

import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * What an operator sees of its node when a loss is differentiated, and how it adds the nodes that
 * compute the gradients of its inputs.
 *
 * <p>All types are static: a graph is differentiated for concrete input shapes. A gradient has the
 * dtype and shape of the value it belongs to.
 */
public interface GradientContext {
  /** The node that is differentiated. */
  Node node();

  /** True if input {@code index} is given. */
  boolean hasInput(int index);

  /** The name of input {@code index}, which must be given. */
  String input(int index);

  /** The name of output {@code index} of the node, computed before. */
  String output(int index);

  /** The static type of any value, those added here included. */
  TensorType type(String value);

  /** The shape of any value, those added here included. */
  default Shape shape(String value) {
    return type(value).shape();
  }

  /** The value of input {@code index} where it is a constant. */
  Optional<Tensor> constant(int index);

  /** True if the loss depends on output {@code index}. */
  boolean hasGradient(int index);

  /** The gradient of output {@code index}; zeros if the loss does not depend on it. */
  String gradient(int index);

  /** True if somebody wants the gradient of input {@code index}. */
  boolean wants(int index);

  /**
   * Gives the gradient of an input, or adds to it if it was given before. Where the input was
   * broadcast to the shape of {@code gradient}, it is summed over the repeated elements. Ignored if
   * nobody wants it.
   */
  void give(int input, String gradient);

  /** Adds a node with one output and gives the output's name; an empty input is left out. */
  String add(Operator operator, String... inputs);

  /** Adds a node and gives its outputs' names. */
  List<String> addNode(Operator operator, int outputs, List<String> inputs);

  /** Adds a constant and gives its name. */
  String constant(Tensor tensor);

  /** Adds a scalar constant of the dtype of {@code like}. */
  String scalar(double value, String like);

  /**
   * Says that this node cannot be differentiated; all such nodes are reported together.
   *
   * @param reason why, as the end of a sentence
   */
  void refuse(String reason);
}
