package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.ChannelsLastWindows;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.Shape;
import java.util.Arrays;
import java.util.Optional;

/** The sizes of a convolution whose weights lie with their channels contiguous. */
record ConvolutionShape(Shape input, Shape weights, WindowGeometry geometry, int group) {

  static ConvolutionShape of(Conv conv, Shape input, Shape weights) {
    return new ConvolutionShape(
        input,
        weights,
        conv.window().geometry(input, Arrays.stream(weights.toArray()).skip(2).boxed().toList()),
        conv.group());
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

  int taps() {
    return geometry.kernelSize();
  }

  /** Elements of one filter. */
  int filterSize() {
    return taps() * groupChannels();
  }

  int positions() {
    return geometry.outputSize();
  }

  int area() {
    return geometry.inputSize();
  }

  /** Estimated nanoseconds of all products. */
  double nanos() {
    return Work.ofProducts((double) batch() * positions() * filters() * filterSize());
  }
}
