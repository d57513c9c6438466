package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.VectorOperations;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.ChannelBlocks;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Mean and squared deviations of each channel, block by block. */
final class ChannelMomentsKernel implements Kernel {
  private final ChannelBlocks blocks;
  private final ChannelLoops loops;

  ChannelMomentsKernel(VectorOperations operations, KernelRequest request) {
    this.blocks = ChannelBlocks.of(request.inputShape(0));
    this.loops = new ChannelLoops(operations.elements(), blocks.channels());
  }

  @Override
  public int parts(int threads) {
    double elements = (double) blocks.places() * blocks.channels();
    return Work.parts(threads, Work.ofElements(elements, 0.2), blocks.blocks());
  }

  @Override
  public int scratchFloats() {
    return 3 * loops.row();
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Arrays32.of(inputs[0]);
    float[] moments = Arrays32.of(outputs[0]);
    float[] memory = scratch.floats();
    int row = loops.row();
    int channels = blocks.channels();
    int to = Work.bound(blocks.blocks(), 1, part + 1, parts);
    for (int block = Work.bound(blocks.blocks(), 1, part, parts); block < to; block++) {
      int from = blocks.from(block) * channels;
      int count = blocks.size(block) * channels;
      int target = 2 * block * channels;
      Arrays.fill(memory, 0, row, 0f);
      loops.sum(x, from, count, memory, 0);
      loops.fold(memory, 0, moments, target);
      for (int channel = 0; channel < channels; channel++) {
        moments[target + channel] /= blocks.size(block);
      }
      loops.repeat(moments, target, memory, row);
      Arrays.fill(memory, 0, row, 0f);
      loops.squares(x, from, count, memory, row, 0, 2 * row);
      loops.fold(memory, 0, moments, target + channels);
    }
  }
}
