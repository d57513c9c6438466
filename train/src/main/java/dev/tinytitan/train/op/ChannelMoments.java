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
 * Mean and sum of squared deviations of each channel of feature maps {@code [N, C, …]}, for each of
 * their {@link ChannelBlocks}: output {@code [2 * blocks, C]}. Internal.
 */
public record ChannelMoments() implements Operator {
  private static final OpSpec SPEC =
      OpSpec.internal("ChannelMoments").tolerance(2e-5, 1e-5).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType x = context.input(0);
    return List.of(TensorType.of(x.dtype(), ChannelBlocks.of(x.shape()).pairs()));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Shape shape = x.shape();
    ChannelBlocks blocks = ChannelBlocks.of(shape);
    Tensor y = context.output(0, x.dtype(), blocks.pairs());
    for (int block = 0; block < blocks.blocks(); block++) {
      int from = blocks.from(block);
      int size = blocks.size(block);
      for (int channel = 0; channel < blocks.channels(); channel++) {
        double sum = 0;
        for (int i = 0; i < size; i++) {
          sum += x.getDouble(blocks.index(shape, from + i, channel));
        }
        double mean = sum / size;
        double squares = 0;
        for (int i = 0; i < size; i++) {
          double off = x.getDouble(blocks.index(shape, from + i, channel)) - mean;
          squares += off * off;
        }
        y.setDouble(2 * block * blocks.channels() + channel, mean);
        y.setDouble((2 * block + 1) * blocks.channels() + channel, squares);
      }
    }
  }
}
