package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.MaxPoolGradient;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The gradient of a maximum pooling, channels contiguous. */
final class MaxPoolGradientKernel implements Kernel {
  private final int batch;
  private final int channels;
  private final int area;
  private final int positions;
  private final int taps;
  private final int[] offsets;

  MaxPoolGradientKernel(KernelRequest request) {
    Shape shape = request.inputShape(1);
    WindowGeometry geometry = request.operator(MaxPoolGradient.class).window().geometry(shape);
    this.batch = shape.dim(0);
    this.channels = shape.dim(1);
    this.area = geometry.inputSize();
    this.positions = geometry.outputSize();
    this.taps = geometry.kernelSize();
    this.offsets = WindowOffsets.of(geometry);
  }

  static Optional<String> refusal(KernelRequest request) {
    return request.inputShape(0).size() == 0 || request.inputShape(1).rank() < 3
        ? Optional.of("nothing to compute")
        : Optional.empty();
  }

  @Override
  public int parts(int threads) {
    return Work.parts(
        threads, Work.ofElements((double) batch * positions * taps * channels, 1), batch);
  }

  @Override
  public int scratchFloats() {
    return channels;
  }

  @Override
  public int scratchInts() {
    return channels;
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] dy = Arrays32.of(inputs[0]);
    float[] x = Arrays32.of(inputs[1]);
    float[] dx = Arrays32.of(outputs[0]);
    float[] best = scratch.floats();
    int[] where = scratch.ints();
    int to = Work.bound(batch, 1, part + 1, parts);
    for (int image = Work.bound(batch, 1, part, parts); image < to; image++) {
      int base = image * area * channels;
      Arrays.fill(dx, base, base + area * channels, 0f);
      for (int position = 0; position < positions; position++) {
        Arrays.fill(where, 0, channels, -1);
        for (int tap = 0; tap < taps; tap++) {
          int offset = offsets[position * taps + tap];
          if (offset >= 0) {
            take(x, base + offset * channels, best, where);
          }
        }
        int source = (image * positions + position) * channels;
        for (int channel = 0; channel < channels; channel++) {
          if (where[channel] >= 0) {
            dx[where[channel] + channel] += dy[source + channel];
          }
        }
      }
    }
  }

  private void take(float[] x, int at, float[] best, int[] where) {
    for (int channel = 0; channel < channels; channel++) {
      float value = x[at + channel];
      if (where[channel] < 0 || value > best[channel]) {
        best[channel] = value;
        where[channel] = at;
      }
    }
  }
}
