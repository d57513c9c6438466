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
 * What the gradient of {@link BatchNormalizationTraining} sums over each channel, for each of the
 * {@link ChannelBlocks}: of the output's gradient, and of its product with {@code x - mean}.
 * Inputs: the gradient of its output, its input, mean. Output {@code [2 * blocks, C]}. Internal.
 */
public record BatchNormalizationSums() implements Operator {
  private static final OpSpec SPEC =
      OpSpec.internal("BatchNormalizationSums").inputs(3).tolerance(5e-5, 1e-5).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType x = context.input(1);
    return List.of(TensorType.of(x.dtype(), ChannelBlocks.of(x.shape()).pairs()));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor dy = context.input(0);
    Tensor x = context.input(1);
    Shape shape = x.shape();
    ChannelBlocks blocks = ChannelBlocks.of(shape);
    Tensor sums = context.output(0, x.dtype(), blocks.pairs());
    for (int block = 0; block < blocks.blocks(); block++) {
      for (int channel = 0; channel < blocks.channels(); channel++) {
        double sum = 0;
        double products = 0;
        for (int place = blocks.from(block); place < blocks.from(block + 1); place++) {
          int at = blocks.index(shape, place, channel);
          sum += dy.getDouble(at);
          products += dy.getDouble(at) * (x.getDouble(at) - context.input(2).getDouble(channel));
        }
        sums.setDouble(2 * block * blocks.channels() + channel, sum);
        sums.setDouble((2 * block + 1) * blocks.channels() + channel, products);
      }
    }
  }
}
