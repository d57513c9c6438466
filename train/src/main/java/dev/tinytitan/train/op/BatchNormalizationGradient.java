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
 * The gradients of {@link BatchNormalizationTraining}. Inputs: the gradient of its output, its
 * input, scale, mean, variance, and {@link BatchNormalizationSums}. Outputs: the gradients of
 * input, scale and bias. Internal.
 *
 * @param epsilon added to the variance
 */
public record BatchNormalizationGradient(float epsilon) implements Operator {
  private static final OpSpec SPEC =
      OpSpec.internal("BatchNormalizationGradient")
          .inputs(6)
          .outputs(3, 3)
          .tolerance(5e-5, 1e-5)
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(context.input(1), context.input(2), context.input(2));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor dy = context.input(0);
    Tensor x = context.input(1);
    Tensor scale = context.input(2);
    Tensor sums = context.input(5);
    Shape shape = x.shape();
    ChannelBlocks blocks = ChannelBlocks.of(shape);
    int channels = blocks.channels();
    Tensor dx = context.output(0, x.dtype(), shape);
    Tensor dScale = context.output(1, x.dtype(), scale.shape());
    Tensor dBias = context.output(2, x.dtype(), scale.shape());
    for (int channel = 0; channel < channels; channel++) {
      double sum = 0;
      double products = 0;
      for (int block = 0; block < blocks.blocks(); block++) {
        sum += sums.getDouble(2 * block * channels + channel);
        products += sums.getDouble((2 * block + 1) * channels + channel);
      }
      double mean = context.input(3).getDouble(channel);
      double inverse = 1 / Math.sqrt(context.input(4).getDouble(channel) + epsilon);
      double slope = products * inverse * inverse / blocks.places();
      double factor = scale.getDouble(channel) * inverse;
      for (int place = 0; place < blocks.places(); place++) {
        int at = blocks.index(shape, place, channel);
        double rest = dy.getDouble(at) - sum / blocks.places() - (x.getDouble(at) - mean) * slope;
        dx.setDouble(at, factor * rest);
      }
      dScale.setDouble(channel, products * inverse);
      dBias.setDouble(channel, sum);
    }
  }
}
