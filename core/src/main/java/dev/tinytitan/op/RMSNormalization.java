package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Elements divided by their root mean square over all dimensions from an axis on, then scaled by
 * input 1, broadcast (Zhang and Sennrich 2019). ONNX: RMSNormalization-23.
 *
 * @param axis the first normalized dimension; negative counts from the end
 * @param epsilon added to the mean square
 * @param stashType the type that the first stage is computed in; the reference uses float64
 */
public record RMSNormalization(int axis, float epsilon, DType stashType) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("RMSNormalization", 23)
          .inputs(2)
          .decoder(context ->
              new RMSNormalization(
                  context.attributes().getInt("axis", -1),
                  context.attributes().getFloat("epsilon", 1e-5f),
                  ElementTypes.get(context.attributes(), "stash_type", DType.FLOAT32)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(-1, "axis", axis)
        .putUnless(1e-5f, "epsilon", epsilon)
        .putUnless(DType.FLOAT32.onnxNumber(), "stash_type", stashType.onnxNumber())
        .build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(context.input(0).withDType(context.input(1).dtype()));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor scale = context.input(1);
    Shape shape = x.shape();
    int from = Shapes.axis(axis, shape.rank());
    int length = shape.sizeBetween(from, shape.rank());
    Tensor y = context.output(0, scale.dtype(), shape);
    Broadcast walk = new Broadcast(shape, scale.shape());
    for (int start = 0; start < x.size(); start += length) {
      double squares = 0;
      for (int i = start; i < start + length; i++) {
        squares += x.getDouble(i) * x.getDouble(i);
      }
      double root = Math.sqrt(squares / length + epsilon);
      for (int i = start; i < start + length; i++, walk.next()) {
        // Rounded to the element type before scaling, as the ONNX function says.
        double normalized = ElementTypes.round(x.getDouble(i) / root, x.dtype());
        y.setDouble(i, normalized * scale.getDouble(walk.index(0)));
      }
    }
  }

  @Override
  public void gradient(GradientContext context) {
    Shape shape = context.shape(context.input(0));
    String gradient = context.gradient(0);
    Gradients.Normalized normalized =
        Gradients.normalized(
            context,
            context.input(0),
            Gradients.product(context, gradient, context.input(1)),
            epsilon,
            false,
            Gradients.axesFrom(Shapes.axis(axis, shape.rank()), shape.rank()));
    context.give(0, normalized.gradient());
    if (context.wants(1)) {
      context.give(1, Gradients.product(context, gradient, normalized.result()));
    }
  }
}
