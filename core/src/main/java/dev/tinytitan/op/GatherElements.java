package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * For each element of an index tensor, the element of the data at the same place but for the axis,
 * where the index says. Inputs: data, indices of the same rank (int32 or int64; negative ones count
 * from the end). ONNX: GatherElements-13.
 *
 * @param axis negative counts from the end
 */
public record GatherElements(int axis) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("GatherElements", 13)
          .compatibleSince(11)
          .inputs(2)
          .decoder(context -> new GatherElements(context.attributes().getInt("axis", 0)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(0, "axis", axis).build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType data = context.input(0);
    TensorType indices = context.input(1);
    if (data.hasRank() && indices.hasRank()) {
      ElementIndices.requireSameRank(data.rank(), indices.rank());
      Shapes.axis(axis, data.rank());
    }
    return List.of(indices.withDType(data.dtype()));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor data = context.input(0);
    Tensor indices = context.input(1);
    Tensor y = context.output(0, data.dtype(), indices.shape());
    ElementIndices.forEach(
        data.shape(), indices, axis, (at, position) -> y.copyElement(at, data, position));
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveMoved(context);
  }
}
