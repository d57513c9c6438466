package dev.tinytitan.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/** An operator that asks each floating-point element a question. */
interface Predicate extends Operator {

  /** The answer for one element. */
  boolean holds(double x);

  @Override
  default List<TensorType> infer(InferenceContext context) {
    return List.of(context.input(0).withDType(DType.BOOL));
  }

  @Override
  default void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor y = context.output(0, DType.BOOL, x.shape());
    for (int i = 0; i < x.size(); i++) {
      y.setBoolean(i, holds(x.getDouble(i)));
    }
  }
}
