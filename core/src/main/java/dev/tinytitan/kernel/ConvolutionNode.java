package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.FusedConv;
import dev.tinytitan.op.IntegerConv;
import dev.tinytitan.op.Window;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What convolution kernels want to know of a Conv, FusedConv or IntegerConv node. */
record ConvolutionNode(
    Shape input, Shape weights, Shape output, WindowGeometry geometry, int group, Activation then) {

  /** Why no float kernel can compute this node; empty if one can. */
  static Optional<String> refusal(KernelRequest request) {
    if (request.inputDType(0) != DType.FLOAT32) {
      return Optional.of("the input is " + request.inputDType(0) + ", not float32");
    }
    if (!request.isConstant(1) || (request.hasInput(2) && !request.isConstant(2))) {
      return Optional.of("weights or bias are not constant");
    }
    return shapeRefusal(request);
  }

  /** Why no kernel can compute a node of these shapes; empty if one can. */
  static Optional<String> shapeRefusal(KernelRequest request) {
    int rank = request.inputShape(0).rank() - 2;
    if (rank < 1 || rank > ChannelsLastWindows.MAX_RANK) {
      return Optional.of(rank + " spatial axes");
    }
    return request.outputShape(0).size() == 0 || request.inputShape(1).size() == 0
        ? Optional.of("nothing to compute")
        : Optional.empty();
  }

  static ConvolutionNode of(KernelRequest request) {
    Operator operator = request.operator();
    Window window;
    int group;
    Activation then;
    if (operator instanceof IntegerConv integer) {
      window = integer.window();
      group = integer.group();
      then = Activation.NONE;
    } else if (operator instanceof FusedConv fused) {
      window = fused.window();
      group = fused.group();
      then = fused.activation();
    } else {
      Conv conv = request.operator(Conv.class);
      window = conv.window();
      group = conv.group();
      then = Activation.NONE;
    }
    Shape weights = request.inputShape(1);
    List<Integer> kernel = Arrays.stream(weights.toArray()).skip(2).boxed().toList();
    return new ConvolutionNode(
        request.inputShape(0),
        weights,
        request.outputShape(0),
        window.geometry(request.inputShape(0), kernel),
        group,
        then);
  }

  int channels() {
    return input.dim(1);
  }

  int groupChannels() {
    return weights.dim(1);
  }

  int filters() {
    return weights.dim(0);
  }

  int groupFilters() {
    return weights.dim(0) / group;
  }

  /** Elements of the window. */
  int taps() {
    return geometry.kernelSize();
  }

  /** Output positions of one image. */
  int positions() {
    return geometry.outputSize();
  }

  /** Multiply-adds. */
  double products() {
    return (double) output.size() * groupChannels() * taps();
  }

  /** One for each filter; zeros if the node has none. */
  float[] bias(KernelRequest request) {
    return request.hasInput(2) ? request.constant(2).toFloatArray() : new float[filters()];
  }

  /**
   * The weights of one group as {@code [tap, channel, filter]}: as a matrix product with windows
   * whose channels are contiguous wants them.
   */
  float[] groupWeights(float[] from, int index) {
    int taps = taps();
    int channels = groupChannels();
    int filters = groupFilters();
    float[] to = new float[taps * channels * filters];
    for (int filter = 0; filter < filters; filter++) {
      for (int channel = 0; channel < channels; channel++) {
        int source = ((index * filters + filter) * channels + channel) * taps;
        for (int tap = 0; tap < taps; tap++) {
          to[(tap * channels + channel) * filters + filter] = from[source + tap];
        }
      }
    }
    return to;
  }
}
