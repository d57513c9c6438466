package dev.tinytitan.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/** An operator that folds any number of inputs, broadcast, element by element. */
public interface VariadicOperator extends Operator {

  /** Two floating-point numbers into one; the result is rounded to the dtype after the last. */
  double fold(double a, double b);

  /**
   * Two integers into one.
   *
   * @param unsigned whether both are unsigned
   */
  default long fold(long a, long b, boolean unsigned) {
    throw new IllegalArgumentException("not defined on integers");
  }

  /** The result from all {@code count} inputs folded. */
  default double finish(double folded, int count) {
    return folded;
  }

  @Override
  default List<TensorType> infer(InferenceContext context) {
    TensorType result = context.input(0);
    for (int i = 1; i < context.inputCount(); i++) {
      Shapes.requireSameDType(result, context.input(i));
      result = result.withDims(Shapes.broadcast(result.dims(), context.input(i).dims()));
    }
    return List.of(result);
  }

  @Override
  default void eval(EvalContext context) {
    int count = context.inputCount();
    Shape[] shapes = new Shape[count];
    Shape shape = Shape.scalar();
    for (int k = 0; k < count; k++) {
      shapes[k] = context.input(k).shape();
      shape = Shapes.broadcast(shape, shapes[k]);
    }
    Tensor y = context.output(0, context.input(0).dtype(), shape);
    Broadcast walk = new Broadcast(shape, shapes);
    for (int i = 0; i < y.size(); i++, walk.next()) {
      if (y.dtype().isFloat()) {
        double folded = context.input(0).getDouble(walk.index(0));
        for (int k = 1; k < count; k++) {
          folded = fold(folded, context.input(k).getDouble(walk.index(k)));
        }
        y.setDouble(i, finish(folded, count));
      } else {
        long folded = context.input(0).getLong(walk.index(0));
        for (int k = 1; k < count; k++) {
          folded = fold(folded, context.input(k).getLong(walk.index(k)), y.dtype().isUnsigned());
        }
        y.setLong(i, folded);
      }
    }
  }
}
