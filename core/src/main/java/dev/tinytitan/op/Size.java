package dev.tinytitan.op;

import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/** The number of elements, an int64 scalar. ONNX: Size-25. */
public record Size() implements ShapeOperator {
  static final OpSpec SPEC =
      OpSpec.onnx("Size", 25).compatibleSince(1).decoder(context -> new Size()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(TensorType.of(DType.INT64));
  }

  @Override
  public Tensor evalShape(Shape shape) {
    return Tensor.scalar((long) shape.size());
  }
}
