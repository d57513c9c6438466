package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.AveragePoolGradient;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The gradient of an average pooling, channels contiguous. */
final class AveragePoolGradientKernel implements Kernel {
  private final int batch;
  private final int channels;
  private final int area;
  private final int positions;
  private final int taps;
  private final int[] offsets;
  private final float[] factors;

  AveragePoolGradientKernel(KernelRequest request) {
    AveragePoolGradient operator = request.operator(AveragePoolGradient.class);
    Shape shape = operator.shape();
    WindowGeometry geometry = operator.pool().window().geometry(shape);
    this.batch = shape.dim(0);
    this.channels = shape.dim(1);
    this.area = geometry.inputSize();
    this.positions = geometry.outputSize();
    this.taps = geometry.kernelSize();
    this.offsets = WindowOffsets.of(geometry);
    this.factors = new float[positions];
    for (int position = 0; position < positions; position++) {
      int[] window = Arrays.copyOfRange(offsets, position * taps, (position + 1) * taps);
      factors[position] =
          1f / AveragePoolGradient.count(operator.pool(), geometry, position, window);
    }
  }

  static Optional<String> refusal(KernelRequest request) {
    return request.inputShape(0).size() == 0 || request.inputShape(0).rank() < 3
        ? Optional.of("nothing to compute")
        : Optional.empty();
  }

  @Override
  public int parts(int threads) {
    return Work.parts(
        threads, Work.ofElements((double) batch * positions * taps * channels, 0.3), batch);
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] dy = Arrays32.of(inputs[0]);
    float[] dx = Arrays32.of(outputs[0]);
    int to = Work.bound(batch, 1, part + 1, parts);
    for (int image = Work.bound(batch, 1, part, parts); image < to; image++) {
      int base = image * area * channels;
      Arrays.fill(dx, base, base + area * channels, 0f);
      for (int position = 0; position < positions; position++) {
        int source = (image * positions + position) * channels;
        for (int tap = 0; tap < taps; tap++) {
          int offset = offsets[position * taps + tap];
          if (offset >= 0) {
            add(dy, source, factors[position], dx, base + offset * channels, channels);
          }
        }
      }
    }
  }

  private static void add(float[] a, int aFrom, float factor, float[] sums, int to, int count) {
    for (int i = 0; i < count; i++) {
      sums[to + i] += a[aFrom + i] * factor;
    }
  }
}
