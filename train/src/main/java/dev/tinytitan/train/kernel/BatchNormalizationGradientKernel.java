package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.VectorOperations;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.BatchNormalizationGradient;
import dev.tinytitan.train.op.ChannelBlocks;
import org.jspecify.annotations.Nullable;

/** The gradients of a batch normalization, channels contiguous. */
final class BatchNormalizationGradientKernel implements Kernel {
  private final ChannelBlocks blocks;
  private final ChannelLoops loops;
  private final float epsilon;

  BatchNormalizationGradientKernel(VectorOperations operations, KernelRequest request) {
    this.blocks = ChannelBlocks.of(request.inputShape(1));
    this.loops = new ChannelLoops(operations.elements(), blocks.channels());
    this.epsilon = request.operator(BatchNormalizationGradient.class).epsilon();
  }

  @Override
  public int parts(int threads) {
    double elements = (double) blocks.places() * blocks.channels();
    return Work.parts(threads, Work.ofElements(elements, 0.2), blocks.blocks());
  }

  @Override
  public int scratchFloats() {
    return 3 * blocks.channels() + 4 * loops.row();
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] dy = Arrays32.of(inputs[0]);
    float[] x = Arrays32.of(inputs[1]);
    float[] scale = Arrays32.of(inputs[2]);
    float[] mean = Arrays32.of(inputs[3]);
    float[] variance = Arrays32.of(inputs[4]);
    float[] sums = Arrays32.of(inputs[5]);
    float[] dx = Arrays32.of(outputs[0]);
    float[] memory = scratch.floats();
    int channels = blocks.channels();
    int row = loops.row();
    // dx = factor * dy + slope * x + shift, by channel.
    for (int channel = 0; channel < channels; channel++) {
      double sum = 0;
      double products = 0;
      for (int block = 0; block < blocks.blocks(); block++) {
        sum += sums[2 * block * channels + channel];
        products += sums[(2 * block + 1) * channels + channel];
      }
      double inverse = 1 / Math.sqrt(variance[channel] + epsilon);
      double factor = scale[channel] * inverse;
      double slope = -factor * products * inverse * inverse / blocks.places();
      memory[channel] = (float) factor;
      memory[channels + channel] = (float) slope;
      memory[2 * channels + channel] =
          (float) (-factor * sum / blocks.places() - slope * mean[channel]);
      if (part == 0) {
        Arrays32.of(outputs[1])[channel] = (float) (products * inverse);
        Arrays32.of(outputs[2])[channel] = (float) sum;
      }
    }
    int rows = 3 * channels;
    for (int i = 0; i < 3; i++) {
      loops.repeat(memory, i * channels, memory, rows + i * row);
    }
    int from = blocks.from(Work.bound(blocks.blocks(), 1, part, parts)) * channels;
    int to = blocks.from(Work.bound(blocks.blocks(), 1, part + 1, parts)) * channels;
    loops.combine(
        dy, x, from, to - from, memory, rows, rows + row, rows + 2 * row, rows + 3 * row, dx);
  }
}
