package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.Codebook;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The nearest values of a codebook. Zeros, of which pruned weights have many, take a short cut. */
final class NearestValueKernel implements Kernel {
  private static final double NANOS = 3;
  private static final int UNIT = 64;

  private final int size;
  private final int count;

  NearestValueKernel(KernelRequest request) {
    this.size = request.inputShape(0).size();
    this.count = request.inputShape(1).size();
  }

  static Optional<String> refusal(KernelRequest request) {
    return request.isConstant(0) ? Optional.of("constant elements") : Optional.empty();
  }

  static double cost(KernelRequest request) {
    return Work.ofElements(request.inputShape(0).size(), NANOS);
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, Work.ofElements(size, NANOS), (size + UNIT - 1) / UNIT);
  }

  @Override
  public int scratchFloats() {
    return Codebook.TABLE;
  }

  @Override
  public int scratchInts() {
    return Codebook.MOST;
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Arrays32.of(inputs[0]);
    float[] table = scratch.floats();
    int[] order = scratch.ints();
    Codebook.sort(Arrays32.of(inputs[1]), count, Arrays32.of(inputs[2])[0], table, order);
    float[] y = Arrays32.of(outputs[0]);
    byte[] which = Objects.requireNonNull(outputs[1]).byteArray();
    int half = Codebook.half(count);
    int ofZero = Codebook.nearest(table, half, 0);
    int to = Work.bound(size, UNIT, part + 1, parts);
    for (int i = Work.bound(size, UNIT, part, parts); i < to; i++) {
      float value = x[i];
      int place = value == 0 ? ofZero : Codebook.nearest(table, half, value);
      y[i] = Float.isNaN(value) ? value : Codebook.value(table, place);
      which[i] = (byte) order[place];
    }
  }
}
