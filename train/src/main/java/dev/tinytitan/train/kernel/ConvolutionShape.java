package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.ChannelsLastWindows;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.Shape;
import java.util.Arrays;
import java.util.Optional;

/**
 * The sizes of a convolution whose weights lie with their channels contiguous.
 *
 * @param taps elements of the window
 * @param positions positions of the window
 * @param area places of the input
 */
record ConvolutionShape(
    Shape input,
    Shape weights,
    WindowGeometry geometry,
    int group,
    int taps,
    int positions,
    int area) {

  static ConvolutionShape of(Conv conv, Shape input, Shape weights) {
    WindowGeometry geometry =
        conv.window().geometry(input, Arrays.stream(weights.toArray()).skip(2).boxed().toList());
    return new ConvolutionShape(
        input,
        weights,
        geometry,
        conv.group(),
        geometry.kernelSize(),
        geometry.outputSize(),
        geometry.inputSize());
  }

  /** Why a kernel over windows cannot compute a node with such a convolution. */
  static Optional<String> refusal(KernelRequest request, Shape input, Shape weights) {
    int rank = input.rank() - 2;
    if (rank < 1 || rank > ChannelsLastWindows.MAX_RANK) {
      return Optional.of(rank + " spatial axes");
    }
    for (int i = 0; i < request.inputs().size(); i++) {
      if (request.hasInput(i) && request.inputShape(i).rank() > 1 && request.isConstant(i)) {
        return Optional.of("input " + i + " is constant");
      }
    }
    return input.size() == 0 || weights.size() == 0 || request.outputShape(0).size() == 0
        ? Optional.of("nothing to compute")
        : Optional.empty();
  }

  boolean isDepthwise() {
    return groupChannels() == 1 && groupFilters() == 1;
  }

  int batch() {
    return input.dim(0);
  }

  int channels() {
    return input.dim(1);
  }

  int filters() {
    return weights.dim(0);
  }

  int groupChannels() {
    return weights.dim(1);
  }

  int groupFilters() {
    return weights.dim(0) / group;
  }

  /** Elements of one filter. */
  int filterSize() {
    return taps() * groupChannels();
  }

  /** Estimated nanoseconds of all products. */
  double nanos() {
    return Work.ofProducts((double) batch() * positions() * filters() * filterSize());
  }
}
