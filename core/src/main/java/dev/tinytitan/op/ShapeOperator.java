package dev.tinytitan.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;

/**
 * An operator whose result depends on its input's shape alone: known as soon as the shape is,
 * before anything runs.
 */
public interface ShapeOperator extends Operator {

  /** The result for an input of this shape. */
  Tensor evalShape(Shape shape);

  @Override
  default void eval(EvalContext context) {
    context.setOutput(0, evalShape(context.input(0).shape()));
  }
}
