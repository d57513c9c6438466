package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.PanelLayout;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.VectorOperations;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.ConvInputGradient;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of the input of a convolution of stride 1: a convolution of the output's gradient
 * with the weights turned around.
 */
final class ConvInputGradientKernel implements Kernel {
  private final ConvolutionShape shape;
  private final WindowProduct product;
  private final Images images;

  // Backwards, filters are what comes in and channels what goes out.
  @SuppressWarnings("ArgumentSelectionDefectChecker")
  ConvInputGradientKernel(VectorOperations operations, KernelRequest request) {
    this.shape = shape(request);
    this.product =
        new WindowProduct(
            operations.matrices(),
            turned(shape.geometry()),
            shape.filters(),
            shape.channels(),
            shape.group());
    this.images = new Images(shape.batch(), shape.area());
  }

  static ConvolutionShape shape(KernelRequest request) {
    ConvInputGradient operator = request.operator(ConvInputGradient.class);
    return ConvolutionShape.of(operator.conv(), operator.shape(), request.inputShape(1));
  }

  static Optional<String> refusal(KernelRequest request) {
    ConvInputGradient operator = request.operator(ConvInputGradient.class);
    Optional<String> refusal =
        ConvolutionShape.refusal(request, operator.shape(), request.inputShape(1));
    if (refusal.isPresent()) {
      return refusal;
    }
    for (WindowGeometry.Axis axis : shape(request).geometry().axes()) {
      if (axis.stride() != 1 && axis.output() != 1) {
        return Optional.of("a stride of " + axis.stride());
      }
      if (axis.padBegin() > (axis.kernel() - 1) * axis.dilation()) {
        return Optional.of("more padding than the window reaches");
      }
    }
    return Optional.empty();
  }

  /** The windows over the output's gradient that an element of the input is summed from. */
  private static WindowGeometry turned(WindowGeometry geometry) {
    List<WindowGeometry.Axis> axes = new ArrayList<>();
    for (WindowGeometry.Axis axis : geometry.axes()) {
      int reach = (axis.kernel() - 1) * axis.dilation();
      int begin = reach - axis.padBegin();
      axes.add(
          new WindowGeometry.Axis(
              axis.output(),
              axis.kernel(),
              1,
              axis.dilation(),
              begin,
              axis.input() + reach - begin - axis.output(),
              axis.input()));
    }
    return new WindowGeometry(axes);
  }

  @Override
  public int parts(int threads) {
    return images.parts(threads, shape.nanos());
  }

  @Override
  public int scratchFloats() {
    return product.scratchFloats();
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] dy = Arrays32.of(inputs[0]);
    float[] w = Arrays32.of(inputs[1]);
    float[] dx = Arrays32.of(outputs[0]);
    int from = images.positionFrom(part, parts);
    int to = images.positionTo(part, parts);
    if (from == to) {
      return;
    }
    for (int group = 0; group < shape.group(); group++) {
      pack(w, group, scratch.floats());
    }
    for (int image = images.imageFrom(part, parts); image < images.imageTo(part, parts); image++) {
      product.run(
          dy,
          image * shape.positions() * shape.filters(),
          dx,
          image * shape.area() * shape.channels(),
          scratch,
          from,
          to);
    }
  }

  /**
   * Weights {@code [filter, tap, channel]} to panels of {@code [last tap first, filter][channel]}.
   */
  private void pack(float[] w, int group, float[] memory) {
    PanelLayout layout = product.layout();
    int channels = shape.groupChannels();
    int filters = shape.groupFilters();
    for (int panel = 0; panel < layout.panels(); panel++) {
      int width = layout.width(panel);
      int first = panel * layout.panelWidth();
      int filled = Math.min(width, channels - first);
      int target = product.weightsAt(group) + layout.offset(panel);
      for (int tap = shape.taps() - 1; tap >= 0; tap--) {
        for (int filter = 0; filter < filters; filter++, target += width) {
          int source = ((group * filters + filter) * shape.taps() + tap) * channels + first;
          for (int i = 0; i < filled; i++) {
            memory[target + i] = w[source + i];
          }
          for (int i = filled; i < width; i++) {
            memory[target + i] = 0;
          }
        }
      }
    }
  }
}
