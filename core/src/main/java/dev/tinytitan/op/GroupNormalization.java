package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Elements of each group of channels of each sample, {@code [N, C, ...]}, brought to mean 0 and
 * variance 1, then scaled and shifted by channel (Wu and He 2018). ONNX: GroupNormalization-21; the
 * form of opset 18, which scaled by group, becomes an {@link InstanceNormalization} with the groups
 * as channels.
 *
 * @param groups how many groups the channels are split into
 * @param epsilon added to the variance
 * @param stashType the type that the first stage is computed in; the reference uses float64
 */
public record GroupNormalization(int groups, float epsilon, DType stashType) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("GroupNormalization", 21).inputs(3).decoder(GroupNormalization::decode).build();

  private static Operator decode(ImportContext context) {
    int groups = context.attributes().getInt("num_groups");
    if (groups < 1) {
      throw Shapes.badAttribute("num_groups", groups);
    }
    float epsilon = context.attributes().getFloat("epsilon", 1e-5f);
    if (context.opset() >= 21) {
      return new GroupNormalization(
          groups, epsilon, ElementTypes.get(context.attributes(), "stash_type", DType.FLOAT32));
    }
    String input = context.input(0);
    String shape = context.addNode("shape", new ShapeOf(0, null), input);
    String grouped = context.addConstant("groups", Tensor.of(new long[] {0, groups, -1}));
    String lines = context.addNode("grouped", new Reshape(false), input, grouped);
    String result = context.newValue("result");
    context.addNode("restore", new Reshape(false), List.of(result, shape), context.outputs());
    context.setInput(0, lines);
    context.setOutputs(List.of(result));
    return new InstanceNormalization(epsilon);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .put("num_groups", groups)
        .putUnless(1e-5f, "epsilon", epsilon)
        .putUnless(DType.FLOAT32.onnxNumber(), "stash_type", stashType.onnxNumber())
        .build();
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
    if (channels % groups != 0) {
      throw new IllegalArgumentException(
          channels + " channels cannot be split into " + groups + " groups");
    }
    int plane = x.shape().sizeBetween(2, x.shape().rank());
    int length = channels / groups * plane;
    for (int start = 0; start < x.size(); start += length) {
      Moments moments = Moments.of(x, start, length);
      double root = Math.sqrt(moments.variance() + epsilon);
      for (int i = start; i < start + length; i++) {
        int channel = i / plane % channels;
        // Rounded to the element type before scaling, as the ONNX function says.
        double normalized = ElementTypes.round((x.getDouble(i) - moments.mean()) / root, x.dtype());
        y.setDouble(i, normalized * scale.getDouble(channel) + bias.getDouble(channel));
      }
    }
  }

  @Override
  public void gradient(GradientContext context) {
    Shape shape = context.shape(context.input(0));
    Shape grouped = Shape.of(shape.dim(0), groups, shape.size() / shape.dim(0) / groups);
    String gradient = context.gradient(0);
    String scale = Gradients.overChannels(context, context.input(1), shape.rank());
    Gradients.Normalized normalized =
        Gradients.normalized(
            context,
            Gradients.reshaped(context, context.input(0), grouped),
            Gradients.reshaped(context, Gradients.product(context, gradient, scale), grouped),
            epsilon,
            true,
            2);
    context.give(0, Gradients.reshaped(context, normalized.gradient(), shape));
    if (context.wants(1)) {
      String result = Gradients.reshaped(context, normalized.result(), shape);
      Gradients.giveOverChannels(context, 1, Gradients.product(context, gradient, result));
    }
    Gradients.giveOverChannels(context, 2, gradient);
  }
}
