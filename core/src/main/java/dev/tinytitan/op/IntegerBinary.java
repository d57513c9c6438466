package dev.tinytitan.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/** An integer operator on pairs of elements of two quantized tensors, broadcast. */
public interface IntegerBinary extends Operator {

  /** The quantized result of two quantized numbers. */
  int apply(int a, int b);

  /** The output's dtype, zero point and range. */
  QuantizedOutput output();

  @Override
  default List<TensorType> infer(InferenceContext context) {
    return List.of(
        new TensorType(
            output().dtype(), Shapes.broadcast(context.input(0).dims(), context.input(1).dims())));
  }

  @Override
  default void eval(EvalContext context) {
    Tensor a = context.input(0);
    Tensor b = context.input(1);
    Shape shape = Shapes.broadcast(a.shape(), b.shape());
    Tensor y = context.output(0, output().dtype(), shape);
    Broadcast pairs = new Broadcast(shape, a.shape(), b.shape());
    for (int i = 0; i < y.size(); i++, pairs.next()) {
      y.setLong(i, apply(a.getInt(pairs.index(0)), b.getInt(pairs.index(1))));
    }
  }
}
