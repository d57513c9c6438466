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

/** What the gradient of a batch normalization sums by channel, block by block. */
final class BatchNormalizationSumsKernel implements Kernel {
  private final ChannelBlocks blocks;
  private final ChannelLoops loops;

  BatchNormalizationSumsKernel(VectorOperations operations, KernelRequest request) {
    this.blocks = ChannelBlocks.of(request.inputShape(1));
    this.loops = new ChannelLoops(operations.elements(), blocks.channels());
  }

  @Override
  public int parts(int threads) {
    double elements = (double) blocks.places() * blocks.channels();
    return Work.parts(threads, Work.ofElements(elements, 0.2), blocks.blocks());
  }

  @Override
  public int scratchFloats() {
    return 4 * loops.row();
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] dy = Arrays32.of(inputs[0]);
    float[] x = Arrays32.of(inputs[1]);
    float[] sums = Arrays32.of(outputs[0]);
    float[] memory = scratch.floats();
    int row = loops.row();
    int channels = blocks.channels();
    loops.repeat(Arrays32.of(inputs[2]), 0, memory, 2 * row);
    int to = Work.bound(blocks.blocks(), 1, part + 1, parts);
    for (int block = Work.bound(blocks.blocks(), 1, part, parts); block < to; block++) {
      int from = blocks.from(block) * channels;
      int count = blocks.size(block) * channels;
      Arrays.fill(memory, 0, 2 * row, 0f);
      loops.products(dy, x, from, count, memory, 2 * row, 0, row, 3 * row);
      loops.fold(memory, 0, sums, 2 * block * channels);
      loops.fold(memory, row, sums, (2 * block + 1) * channels);
    }
  }
}
