package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Elements of each channel, {@code [N, C, ...]}, freed of mean and variance, then scaled and
 * shifted (Ioffe and Szegedy 2015). Inputs: the elements, then scale, bias, running mean and
 * running variance by channel. In training, mean and variance are the batch's own, and the second
 * and third output are the running ones moved towards them. ONNX: BatchNormalization-15.
 *
 * @param epsilon added to the variance
 * @param momentum how much of the running values stays, from 0 to 1
 * @param training whether mean and variance are the batch's own
 */
public record BatchNormalization(float epsilon, float momentum, boolean training)
    implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("BatchNormalization", 15)
          .compatibleSince(7)
          .inputs(5)
          .outputs(1, 3)
          .decoder(BatchNormalization::decode)
          .build();

  private static Operator decode(ImportContext context) {
    Attributes attributes = context.attributes();
    boolean training = attributes.getBoolean("training_mode", false);
    if (context.opset() < 14) {
      // Until then further outputs meant training; the fourth and fifth are gone since.
      training = context.outputCount() > 1;
      List<String> outputs = context.outputs();
      if (outputs.stream().skip(3).anyMatch(name -> !name.isEmpty())) {
        throw context.unsupported("saved mean and variance, as in training before opset 14");
      }
      context.setOutputs(outputs.subList(0, Math.min(3, outputs.size())));
    }
    if (!attributes.getBoolean("spatial", true)) {
      throw context.unsupported("statistics for each activation (spatial = 0)");
    }
    return new BatchNormalization(
        attributes.getFloat("epsilon", 1e-5f), attributes.getFloat("momentum", 0.9f), training);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(1e-5f, "epsilon", epsilon)
        .putUnless(0.9f, "momentum", momentum)
        .putUnless(false, "training_mode", training)
        .build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(training ? 14 : 7);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    Dim channels = input.hasRank() && input.rank() > 1 ? input.dim(1) : Dim.UNKNOWN;
    TensorType statistics = context.input(3).withDims(List.of(channels));
    return List.of(input, statistics, statistics);
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Shape shape = x.shape();
    int channels = shape.rank() > 1 ? shape.dim(1) : 1;
    Tensor y = context.output(0, x.dtype(), shape);
    Tensor runningMean = context.input(3);
    Tensor runningVariance = context.input(4);
    Tensor meanOut = Tensor.zeros(runningMean.dtype(), Shape.of(channels));
    Tensor varianceOut = Tensor.zeros(runningVariance.dtype(), Shape.of(channels));
    boolean[] named = new boolean[shape.rank()];
    for (int i = 0; i < named.length; i++) {
      named[i] = i != 1;
    }
    AxisGroups groups = AxisGroups.of(shape, named);
    for (int c = 0; c < channels; c++) {
      Moments moments =
          training
              ? Moments.of(x, groups.starts()[c], groups.offsets())
              : new Moments(runningMean.getDouble(c), runningVariance.getDouble(c));
      double factor = context.input(1).getDouble(c) / Math.sqrt(moments.variance() + epsilon);
      double bias = context.input(2).getDouble(c);
      for (int offset : groups.offsets()) {
        int i = groups.starts()[c] + offset;
        y.setDouble(i, (x.getDouble(i) - moments.mean()) * factor + bias);
      }
      meanOut.setDouble(c, moved(runningMean.getDouble(c), moments.mean()));
      varianceOut.setDouble(c, moved(runningVariance.getDouble(c), moments.variance()));
    }
    if (context.wantsOutput(1)) {
      context.setOutput(1, meanOut);
    }
    if (context.wantsOutput(2)) {
      context.setOutput(2, varianceOut);
    }
  }

  private double moved(double running, double current) {
    return running * momentum + current * (1 - momentum);
  }

  @Override
  public void gradient(GradientContext context) {
    if (training) {
      context.refuse("its statistics are the batch's own, which module train has operators for");
      return;
    }
    int rank = context.shape(context.input(0)).rank();
    String gradient = context.gradient(0);
    String variance = Gradients.overChannels(context, context.input(4), rank);
    String root =
        context.add(
            new Sqrt(), context.add(new Add(), variance, context.scalar(epsilon, variance)));
    String scale = Gradients.overChannels(context, context.input(1), rank);
    String along = Gradients.product(context, gradient, context.add(new Div(), scale, root));
    context.give(0, along);
    Gradients.giveOverChannels(context, 2, gradient);
    if (context.wants(3)) {
      Gradients.giveOverChannels(context, 3, context.add(new Neg(), along));
    }
    if (context.wants(1) || context.wants(4)) {
      String mean = Gradients.overChannels(context, context.input(3), rank);
      String normalized =
          context.add(new Div(), context.add(new Sub(), context.input(0), mean), root);
      Gradients.giveOverChannels(context, 1, Gradients.product(context, gradient, normalized));
      if (context.wants(4)) {
        String slope = Gradients.product(context, along, context.add(new Div(), normalized, root));
        Gradients.giveOverChannels(context, 4, Gradients.scaled(context, slope, -0.5));
      }
    }
  }
}
