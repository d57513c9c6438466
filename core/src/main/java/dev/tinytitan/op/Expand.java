package dev.tinytitan.op;

import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A tensor repeated to what broadcasting with a shape, an int64 vector, gives. Inputs: data, shape.
 * ONNX: Expand-13.
 */
public record Expand() implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Expand", 13)
          .compatibleSince(8)
          .inputs(2)
          .decoder(context -> new Expand())
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    long[] sizes = Shapes.constantLongs(context, 1);
    List<Dim> target = Dims.describedBy(input.dtype(), context.input(1)).dims();
    if (sizes != null) {
      target = new ArrayList<>();
      for (long size : sizes) {
        target.add(Dims.of(size));
      }
    }
    return List.of(input.withDims(Shapes.broadcast(input.dims(), target)));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Shape shape = Shapes.broadcast(x.shape(), Shape.of(context.input(1).toLongArray()));
    StridedCopy.fill(
        context.output(0, x.dtype(), shape), x, 0, Shapes.broadcastStrides(x.shape(), shape));
  }

  @Override
  public void gradient(GradientContext context) {
    context.give(0, context.gradient(0));
  }
}
