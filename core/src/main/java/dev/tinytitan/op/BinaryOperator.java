package dev.tinytitan.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/** An operator that maps pairs of elements, broadcast, to one of the same dtype. */
public interface BinaryOperator extends Operator {

  /** The function on float32; also used for float16 and bfloat16, which are widened and rounded. */
  float apply(float a, float b);

  /** The function on float64. */
  double apply(double a, double b);

  /**
   * The function on integers.
   *
   * @param dtype the integer type; the result is cut to it
   */
  default long apply(long a, long b, DType dtype) {
    throw new IllegalArgumentException("not defined on " + dtype);
  }

  @Override
  default List<TensorType> infer(InferenceContext context) {
    Shapes.requireSameDType(context.input(0), context.input(1));
    return List.of(
        context
            .input(0)
            .withDims(Shapes.broadcast(context.input(0).dims(), context.input(1).dims())));
  }

  @Override
  default void eval(EvalContext context) {
    Tensor a = context.input(0);
    Tensor b = context.input(1);
    Shape shape = Shapes.broadcast(a.shape(), b.shape());
    Tensor y = context.output(0, a.dtype(), shape);
    Broadcast pairs = new Broadcast(shape, a.shape(), b.shape());
    for (int i = 0; i < y.size(); i++, pairs.next()) {
      int ai = pairs.index(0);
      int bi = pairs.index(1);
      if (a.dtype() == DType.FLOAT64) {
        y.setDouble(i, apply(a.getDouble(ai), b.getDouble(bi)));
      } else if (a.dtype().isFloat()) {
        y.setFloat(i, apply(a.getFloat(ai), b.getFloat(bi)));
      } else {
        y.setLong(i, apply(a.getLong(ai), b.getLong(bi), a.dtype()));
      }
    }
  }
}
