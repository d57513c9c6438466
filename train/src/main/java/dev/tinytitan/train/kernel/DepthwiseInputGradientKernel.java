package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The gradient of the input of a depthwise convolution, in plain loops over the channels. */
final class DepthwiseInputGradientKernel implements Kernel {
  private final ConvolutionShape shape;
  private final int[] offsets;

  DepthwiseInputGradientKernel(KernelRequest request) {
    this.shape = ConvInputGradientKernel.shape(request);
    this.offsets = WindowOffsets.of(shape.geometry());
  }

  static Optional<String> refusal(KernelRequest request) {
    return ConvScatterKernel.refusal(request)
        .or(() -> DepthwiseKernel.refusal(ConvInputGradientKernel.shape(request)));
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, 4 * shape.nanos(), shape.batch());
  }

  @Override
  public int scratchFloats() {
    return shape.weights().size();
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] dy = Arrays32.of(inputs[0]);
    float[] dx = Arrays32.of(outputs[0]);
    float[] w = scratch.floats();
    int channels = shape.channels();
    DepthwiseKernel.tapsFirst(Arrays32.of(inputs[1]), channels, shape.taps(), w);
    int imageSize = shape.area() * channels;
    int to = Work.bound(shape.batch(), 1, part + 1, parts);
    for (int image = Work.bound(shape.batch(), 1, part, parts); image < to; image++) {
      int target = image * imageSize;
      Arrays.fill(dx, target, target + imageSize, 0f);
      int source = image * shape.positions() * channels;
      int next = 0;
      for (int position = 0; position < shape.positions(); position++, source += channels) {
        for (int tap = 0; tap < shape.taps(); tap++) {
          int offset = offsets[next++];
          if (offset >= 0) {
            add(dy, source, w, tap * channels, dx, target + offset * channels, channels);
          }
        }
      }
    }
  }

  /** {@code sums[i] += a[i] * b[i]}, each from its place on. */
  static void add(float[] a, int aFrom, float[] b, int bFrom, float[] sums, int to, int count) {
    for (int i = 0; i < count; i++) {
      sums[to + i] += a[aFrom + i] * b[bFrom + i];
    }
  }
}
