package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.Codebook;
import dev.tinytitan.train.op.NearestValueGradient;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sums of gradients by the value that elements have. Neighbours go to sums of their own: additions
 * to the same one would wait for each other.
 */
final class NearestValueGradientKernel implements Kernel {
  private static final double NANOS = 0.9;

  /** Sums of each value. */
  private static final int LANES = 4;

  /** Elements that are summed before they join the rest, so that little is lost in rounding. */
  private static final int PIECE = 4096;

  private final int size;
  private final int count;

  NearestValueGradientKernel(KernelRequest request) {
    this.size = request.inputShape(0).size();
    this.count = request.operator(NearestValueGradient.class).count();
  }

  static Optional<String> refusal(KernelRequest request) {
    return request.isConstant(0) || request.isConstant(1)
        ? Optional.of("constant elements")
        : Optional.empty();
  }

  static double cost(KernelRequest request) {
    return Work.ofElements(request.inputShape(0).size(), NANOS);
  }

  @Override
  public int scratchFloats() {
    return LANES * Codebook.MOST;
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] dy = Arrays32.of(inputs[0]);
    byte[] which = Objects.requireNonNull(inputs[1]).byteArray();
    float scale = Arrays32.of(inputs[2])[0];
    float[] sums = Arrays32.of(outputs[0]);
    float[] lanes = scratch.floats();
    Arrays.fill(sums, 0, count, 0f);
    for (int from = 0; from < size; from += PIECE) {
      Arrays.fill(lanes, 0, LANES * Codebook.MOST, 0f);
      sum(dy, which, lanes, from, Math.min(size, from + PIECE));
      for (int i = 0; i < count; i++) {
        float low = lanes[i] + lanes[Codebook.MOST + i];
        sums[i] += low + (lanes[2 * Codebook.MOST + i] + lanes[3 * Codebook.MOST + i]);
      }
    }
    for (int i = 0; i < count; i++) {
      sums[i] *= scale;
    }
  }

  private static void sum(float[] dy, byte[] which, float[] lanes, int from, int to) {
    int i = from;
    for (; i + LANES <= to; i += LANES) {
      lanes[which[i] & 0xFF] += dy[i];
      lanes[Codebook.MOST + (which[i + 1] & 0xFF)] += dy[i + 1];
      lanes[2 * Codebook.MOST + (which[i + 2] & 0xFF)] += dy[i + 2];
      lanes[3 * Codebook.MOST + (which[i + 3] & 0xFF)] += dy[i + 3];
    }
    for (; i < to; i++) {
      lanes[which[i] & 0xFF] += dy[i];
    }
  }
}
