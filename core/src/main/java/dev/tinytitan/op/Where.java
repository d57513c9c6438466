package dev.tinytitan.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Elements of the second input where the first is true, of the third elsewhere, all broadcast.
 * ONNX: Where-16.
 */
public record Where() implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Where", 16).compatibleSince(9).inputs(3).decoder(context -> new Where()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType x = context.input(1);
    TensorType y = context.input(2);
    Shapes.requireSameDType(x, y);
    return List.of(
        x.withDims(
            Shapes.broadcast(context.input(0).dims(), Shapes.broadcast(x.dims(), y.dims()))));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor condition = context.input(0);
    Tensor x = context.input(1);
    Tensor y = context.input(2);
    Shape shape = Shapes.broadcast(condition.shape(), Shapes.broadcast(x.shape(), y.shape()));
    Tensor result = context.output(0, x.dtype(), shape);
    Broadcast walk = new Broadcast(shape, condition.shape(), x.shape(), y.shape());
    for (int i = 0; i < result.size(); i++, walk.next()) {
      if (condition.getBoolean(walk.index(0))) {
        result.copyElement(i, x, walk.index(1));
      } else {
        result.copyElement(i, y, walk.index(2));
      }
    }
  }

  @Override
  public void gradient(GradientContext context) {
    String gradient = context.gradient(0);
    String zero = context.scalar(0, gradient);
    String condition = context.input(0);
    if (context.wants(1)) {
      context.give(1, context.add(new Where(), condition, gradient, zero));
    }
    if (context.wants(2)) {
      context.give(2, context.add(new Where(), condition, zero, gradient));
    }
  }
}
