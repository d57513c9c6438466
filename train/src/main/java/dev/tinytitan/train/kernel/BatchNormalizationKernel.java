package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.ElementOperations;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.VectorOperations;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.BatchNormalizationTraining;
import dev.tinytitan.train.op.ChannelBlocks;
import org.jspecify.annotations.Nullable;

/** Normalizing feature maps by statistics of the batch, channels contiguous. */
final class BatchNormalizationKernel implements Kernel {
  private final ElementOperations operations;
  private final ChannelBlocks blocks;
  private final ChannelLoops loops;
  private final float epsilon;

  BatchNormalizationKernel(VectorOperations operations, KernelRequest request) {
    this.operations = operations.elements();
    this.blocks = ChannelBlocks.of(request.inputShape(0));
    this.loops = new ChannelLoops(this.operations, blocks.channels());
    this.epsilon = request.operator(BatchNormalizationTraining.class).epsilon();
  }

  @Override
  public int parts(int threads) {
    double elements = (double) blocks.places() * blocks.channels();
    return Work.parts(threads, Work.ofElements(elements, 0.2), blocks.blocks());
  }

  @Override
  public int scratchFloats() {
    return 2 * blocks.channels() + 2 * loops.row();
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Arrays32.of(inputs[0]);
    float[] moments = Arrays32.of(inputs[1]);
    float[] scale = Arrays32.of(inputs[2]);
    float[] bias = Arrays32.of(inputs[3]);
    float[] y = Arrays32.of(outputs[0]);
    float[] memory = scratch.floats();
    int channels = blocks.channels();
    int row = loops.row();
    for (int channel = 0; channel < channels; channel++) {
      double mean = blocks.mean(moments, channel);
      double variance = blocks.variance(moments, channel, mean);
      double factor = scale[channel] / Math.sqrt(variance + epsilon);
      memory[channel] = (float) factor;
      memory[channels + channel] = (float) (bias[channel] - mean * factor);
      if (part == 0) {
        Arrays32.of(outputs[1])[channel] = (float) mean;
        Arrays32.of(outputs[2])[channel] = (float) variance;
      }
    }
    int factors = 2 * channels;
    int shifts = factors + row;
    loops.repeat(memory, 0, memory, factors);
    loops.repeat(memory, channels, memory, shifts);
    int from = blocks.from(Work.bound(blocks.blocks(), 1, part, parts)) * channels;
    int to = blocks.from(Work.bound(blocks.blocks(), 1, part + 1, parts)) * channels;
    for (int i = from; i < to; i += row) {
      int count = Math.min(row, to - i);
      operations.scaleAndShift(x, i, memory, factors, memory, shifts, y, i, count);
    }
  }
}
