package dev.tinytitan.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * An operator that maps each element by itself to one of the same dtype. An operator of this kind
 * gives the function; kernels may tabulate or vectorize it.
 */
public interface UnaryOperator extends Operator {

  /** The function on float32; also used for float16 and bfloat16, which are widened and rounded. */
  float apply(float x);

  /** The function on float64. */
  double apply(double x);

  /**
   * The function on integers, for the operators that have one.
   *
   * @param dtype the integer type; the result is cut to it
   */
  default long apply(long x, DType dtype) {
    throw new IllegalArgumentException("not defined on " + dtype);
  }

  @Override
  default List<TensorType> infer(InferenceContext context) {
    return Shapes.sameAsInput(context);
  }

  @Override
  default void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor y = context.output(0, x.dtype(), x.shape());
    for (int i = 0; i < x.size(); i++) {
      if (x.dtype() == DType.FLOAT64) {
        y.setDouble(i, apply(x.getDouble(i)));
      } else if (x.dtype().isFloat()) {
        y.setFloat(i, apply(x.getFloat(i)));
      } else {
        y.setLong(i, apply(x.getLong(i), x.dtype()));
      }
    }
  }
}
