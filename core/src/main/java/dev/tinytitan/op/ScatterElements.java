package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * A tensor with elements replaced or reduced: each update goes to its own place but for the axis,
 * where its index says. Inputs: data, indices (int32 or int64; negative ones count from the end),
 * updates of the indices' shape. Duplicate indices take effect in row-major order. ONNX:
 * ScatterElements-18; {@link Scatter} is its older name.
 *
 * @param axis negative counts from the end
 */
public record ScatterElements(int axis, ScatterReduction reduction) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("ScatterElements", 18)
          .compatibleSince(11)
          .inputs(3)
          .decoder(context ->
              new ScatterElements(
                  context.attributes().getInt("axis", 0),
                  Labels.attribute(context, "reduction", ScatterReduction.NONE)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(0, "axis", axis)
        .putUnless("none", "reduction", Labels.of(reduction))
        .build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    if (context.opset() < 11 && axis >= 0 && reduction == ScatterReduction.NONE) {
      context.opType(Scatter.SPEC.name());
      context.requireOpset(9);
    } else {
      reduction.export(context);
    }
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType data = context.input(0);
    Shapes.requireSameDType(data, context.input(2));
    if (data.hasRank() && context.input(1).hasRank()) {
      ElementIndices.requireSameRank(data.rank(), context.input(1).rank());
      Shapes.axis(axis, data.rank());
    }
    return Shapes.sameAsInput(context);
  }

  @Override
  public void eval(EvalContext context) {
    Tensor data = context.input(0);
    Tensor indices = context.input(1);
    Tensor updates = context.input(2);
    if (!updates.shape().equals(indices.shape())) {
      throw new ShapeMismatchException(
          "Updates of shape "
              + updates.shape()
              + " do not fit indices of shape "
              + indices.shape()
              + ".");
    }
    Tensor y = context.output(0, data.dtype(), data.shape());
    y.copyFrom(data);
    ElementIndices.forEach(
        data.shape(), indices, axis, (at, position) -> reduction.apply(y, position, updates, at));
  }

  @Override
  public void gradient(GradientContext context) {
    boolean adds = reduction == ScatterReduction.ADD;
    if (!adds && reduction != ScatterReduction.NONE) {
      context.refuse("only replacing and adding have a gradient, not " + Labels.of(reduction));
      return;
    }
    String gradient = context.gradient(0);
    String indices = context.input(1);
    if (context.wants(0) && !adds) {
      String zeros =
          Gradients.expanded(context, context.scalar(0, gradient), context.shape(context.input(2)));
      context.give(
          0,
          context.add(new ScatterElements(axis, ScatterReduction.NONE), gradient, indices, zeros));
    } else {
      context.give(0, gradient);
    }
    if (context.wants(2)) {
      context.give(2, context.add(new GatherElements(axis), gradient, indices));
    }
  }
}
