package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The gradient of the weights of a depthwise convolution, in plain loops over the channels. */
final class DepthwiseWeightGradientKernel implements Kernel {
  private final ConvolutionShape shape;
  private final int[] offsets;

  DepthwiseWeightGradientKernel(KernelRequest request) {
    this.shape = ConvWeightGradientKernel.shape(request);
    this.offsets = WindowOffsets.of(shape.geometry());
  }

  static Optional<String> refusal(KernelRequest request) {
    return ConvWeightGradientKernel.refusal(request)
        .or(() -> DepthwiseKernel.refusal(ConvWeightGradientKernel.shape(request)));
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, 4 * shape.nanos(), shape.taps());
  }

  @Override
  public int scratchFloats() {
    return shape.weights().size();
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] dy = Arrays32.of(inputs[0]);
    float[] x = Arrays32.of(inputs[1]);
    float[] dw = Arrays32.of(outputs[0]);
    float[] sums = scratch.floats();
    int channels = shape.channels();
    int taps = shape.taps();
    int from = Work.bound(taps, 1, part, parts);
    int to = Work.bound(taps, 1, part + 1, parts);
    Arrays.fill(sums, from * channels, to * channels, 0f);
    for (int image = 0; image < shape.batch(); image++) {
      int input = image * shape.area() * channels;
      int gradient = image * shape.positions() * channels;
      for (int position = 0; position < shape.positions(); position++, gradient += channels) {
        for (int tap = from; tap < to; tap++) {
          int offset = offsets[position * taps + tap];
          if (offset >= 0) {
            DepthwiseInputGradientKernel.add(
                x, input + offset * channels, dy, gradient, sums, tap * channels, channels);
          }
        }
      }
    }
    for (int tap = from; tap < to; tap++) {
      for (int channel = 0; channel < channels; channel++) {
        dw[channel * taps + tap] = sums[tap * channels + channel];
      }
    }
  }
}
