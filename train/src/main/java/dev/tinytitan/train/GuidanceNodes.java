package dev.tinytitan.train;

import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;

/** Where a {@link Guidance} adds its nodes. Values inside the model are read by their names. */
public sealed interface GuidanceNodes extends LossNodes permits GuidanceWriter {

  /** The value that the loss of the targets sees: logits, where it wants these. */
  String prediction();

  /**
   * The shape of a value inside the model, the batch first.
   *
   * @throws dev.tinytitan.ShapeMismatchException if there is no such value
   */
  Shape shape(String value);

  /**
   * Adds a float32 input that {@link Guidance#fill} fills in.
   *
   * @param name unlike those of other inputs of this term
   * @return the value's name in the graph
   */
  String input(String name, Shape shape);

  /**
   * Adds a parameter that is trained along.
   *
   * @param initial float32; not to be written later
   * @return the value's name in the graph
   */
  String parameter(String name, Tensor initial);
}
