package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
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
 * Elements of each channel of each sample, {@code [N, C, ...]}, brought to mean 0 and variance 1,
 * then scaled and shifted by channel (Ulyanov et al. 2016). ONNX: InstanceNormalization-22.
 *
 * @param epsilon added to the variance
 */
public record InstanceNormalization(float epsilon) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("InstanceNormalization", 22)
          .compatibleSince(6)
          .inputs(3)
          .decoder(
              context -> new InstanceNormalization(context.attributes().getFloat("epsilon", 1e-5f)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(1e-5f, "epsilon", epsilon).build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return Shapes.sameAsInput(context);
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor scale = context.input(1);
    Tensor bias = context.input(2);
    Tensor y = context.output(0, x.dtype(), x.shape());
    int channels = x.shape().dim(1);
    int length = x.shape().sizeBetween(2, x.shape().rank());
    for (int line = 0; line < x.shape().dim(0) * channels; line++) {
      Moments moments = Moments.of(x, line * length, length);
      double factor = scale.getDouble(line % channels) / Math.sqrt(moments.variance() + epsilon);
      for (int i = line * length; i < (line + 1) * length; i++) {
        y.setDouble(
            i, (x.getDouble(i) - moments.mean()) * factor + bias.getDouble(line % channels));
      }
    }
  }

  @Override
  public void gradient(GradientContext context) {
    Shape shape = context.shape(context.input(0));
    String gradient = context.gradient(0);
    String scale = Gradients.overChannels(context, context.input(1), shape.rank());
    Gradients.Normalized normalized =
        Gradients.normalized(
            context,
            context.input(0),
            Gradients.product(context, gradient, scale),
            epsilon,
            true,
            Gradients.axesFrom(2, shape.rank()));
    context.give(0, normalized.gradient());
    if (context.wants(1)) {
      Gradients.giveOverChannels(
          context, 1, Gradients.product(context, gradient, normalized.result()));
    }
    Gradients.giveOverChannels(context, 2, gradient);
  }
}
