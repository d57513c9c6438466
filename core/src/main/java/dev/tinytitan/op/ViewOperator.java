package dev.tinytitan.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.tensor.Shape;

/**
 * An operator whose output has the elements of its first input in the same order under another
 * shape. A planner may let both share storage.
 */
public interface ViewOperator extends Operator {

  /** The output's shape for these inputs. */
  Shape outputShape(EvalContext context);

  @Override
  default void eval(EvalContext context) {
    Shape shape = outputShape(context);
    context.output(0, context.input(0).dtype(), shape).copyFrom(context.input(0).reshape(shape));
  }
}
