package dev.tinytitan.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/** An operator that compares pairs of elements, broadcast, to a bool. */
public interface Comparison extends Operator {

  /**
   * The comparison of two floating-point numbers. Other elements are compared exactly first, and
   * their order (-1, 0 or 1) is compared with 0.
   */
  boolean holds(double a, double b);

  @Override
  default List<TensorType> infer(InferenceContext context) {
    TensorType a = context.input(0);
    TensorType b = context.input(1);
    Shapes.requireSameDType(a, b);
    return List.of(new TensorType(DType.BOOL, Shapes.broadcast(a.dims(), b.dims())));
  }

  @Override
  default void eval(EvalContext context) {
    Tensor a = context.input(0);
    Tensor b = context.input(1);
    Shape shape = Shapes.broadcast(a.shape(), b.shape());
    Tensor y = context.output(0, DType.BOOL, shape);
    Broadcast pairs = new Broadcast(shape, a.shape(), b.shape());
    for (int i = 0; i < y.size(); i++, pairs.next()) {
      int ai = pairs.index(0);
      int bi = pairs.index(1);
      y.setBoolean(
          i,
          a.dtype().isFloat()
              ? holds(a.getDouble(ai), b.getDouble(bi))
              : holds(ElementOrder.compare(a, ai, b, bi), 0));
    }
  }
}
