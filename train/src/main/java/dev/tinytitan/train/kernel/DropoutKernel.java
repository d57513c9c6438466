package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.TrainingDropout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Dropping elements by chance. Row-major, for which ones are dropped goes by their number. */
final class DropoutKernel implements Kernel {
  private final TrainingDropout dropout;
  private final int size;

  DropoutKernel(KernelRequest request) {
    this.dropout = request.operator(TrainingDropout.class);
    this.size = request.outputShape(0).size();
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, Work.ofElements(size, 2), Math.max(1, size / 64));
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Arrays32.of(inputs[0]);
    float[] y = Arrays32.of(outputs[0]);
    long state = dropout.state(Objects.requireNonNull(inputs[1]).getLong(0));
    float factor = (float) (1.0 / (1 - dropout.rate()));
    int to = Work.bound(size, 64, part + 1, parts);
    for (int i = Work.bound(size, 64, part, parts); i < to; i++) {
      y[i] = dropout.keeps(state, i) ? x[i] * factor : 0f;
    }
  }
}
