package dev.tinytitan.train.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Batch normalization with the batch's own statistics (Ioffe and Szegedy 2015). Inputs: feature
 * maps {@code [N, C, …]}, their {@link ChannelMoments}, scale and bias by channel. Outputs: the
 * normalized, scaled and shifted feature maps; mean and variance (divided by the number of places)
 * by channel. Internal.
 *
 * @param epsilon added to the variance
 */
public record BatchNormalizationTraining(float epsilon) implements Operator {
  private static final OpSpec SPEC =
      OpSpec.internal("BatchNormalizationTraining")
          .inputs(4)
          .outputs(3, 3)
          .tolerance(2e-5, 1e-5)
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(context.input(0), context.input(2), context.input(2));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Shape shape = x.shape();
    double[] values = context.input(1).toDoubleArray();
    Tensor scale = context.input(2);
    ChannelBlocks blocks = ChannelBlocks.of(shape);
    Tensor y = context.output(0, x.dtype(), shape);
    Tensor means = context.output(1, x.dtype(), scale.shape());
    Tensor variances = context.output(2, x.dtype(), scale.shape());
    int channels = blocks.channels();
    for (int channel = 0; channel < channels; channel++) {
      double mean = blocks.mean(values, channel);
      double variance = blocks.variance(values, channel, mean);
      double factor = scale.getDouble(channel) / Math.sqrt(variance + epsilon);
      for (int place = 0; place < blocks.places(); place++) {
        int at = blocks.index(shape, place, channel);
        y.setDouble(at, (x.getDouble(at) - mean) * factor + context.input(3).getDouble(channel));
      }
      means.setDouble(channel, mean);
      variances.setDouble(channel, variance);
    }
  }
}
