package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.Finish;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.VectorOperations;
import dev.tinytitan.kernel.WindowGroup;
import dev.tinytitan.kernel.WindowOperations;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Depthwise convolution with weights that change from run to run. */
final class DepthwiseKernel implements Kernel {
  private final WindowOperations operations;
  private final ConvolutionShape shape;
  private final List<WindowGroup> groups;
  private final Finish finish;
  private final float[] zeros;

  DepthwiseKernel(VectorOperations operations, KernelRequest request) {
    this.operations = operations.windows();
    this.shape = ConvKernel.shape(request);
    this.groups = WindowGroup.of(shape.geometry(), shape.channels());
    this.finish = Finish.none(shape.channels());
    this.zeros = new float[shape.channels()];
  }

  static Optional<String> refusal(KernelRequest request) {
    return ConvKernel.refusal(request).or(() -> refusal(ConvKernel.shape(request)));
  }

  static Optional<String> refusal(ConvolutionShape shape) {
    return shape.isDepthwise() ? Optional.empty() : Optional.of("not one filter for each channel");
  }

  /** Weights {@code [channel][tap]} to {@code [tap][channel]}. */
  static void tapsFirst(float[] w, int channels, int taps, float[] to) {
    for (int channel = 0; channel < channels; channel++) {
      for (int tap = 0; tap < taps; tap++) {
        to[tap * channels + channel] = w[channel * taps + tap];
      }
    }
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, 2 * shape.nanos(), shape.batch());
  }

  @Override
  public int scratchFloats() {
    return shape.weights().size();
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Arrays32.of(inputs[0]);
    float[] bias = inputs.length > 2 && inputs[2] != null ? Arrays32.of(inputs[2]) : zeros;
    float[] y = Arrays32.of(outputs[0]);
    float[] memory = scratch.floats();
    int channels = shape.channels();
    tapsFirst(Arrays32.of(inputs[1]), channels, shape.taps(), memory);
    int to = Work.bound(shape.batch(), 1, part + 1, parts);
    for (int image = Work.bound(shape.batch(), 1, part, parts); image < to; image++) {
      for (WindowGroup group : groups) {
        operations.depthwise(
            x,
            image * shape.area() * channels,
            group,
            memory,
            bias,
            finish,
            y,
            image * shape.positions() * channels,
            0,
            group.targets().length,
            scratch);
      }
    }
  }
}
