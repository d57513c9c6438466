package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.internal.ChannelMoments;
import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Takes out of each layer's bias the mean error that rounding its weights makes (Nagel et al.
 * 2019): the sum over its input channels of weight error times the channel's mean in calibration.
 * Border effects of padding are left out. A layer without a constant bias of its own stays as it
 * is.
 */
final class BiasCorrection {
  private BiasCorrection() {}

  /** The values of which {@link #apply} needs the channels' means, with the channels' axis. */
  static Map<String, Integer> observed(Graph graph) {
    Map<String, Integer> axes = new LinkedHashMap<>();
    for (WeightSlot slot : WeightSlot.of(graph)) {
      if (slot.isProduct(graph)) {
        axes.put(slot.activation(), slot.node().operator() instanceof Conv ? 1 : -1);
      }
    }
    return axes;
  }

  /**
   * The graph with corrected biases; its weights stay.
   *
   * @param rounded the weights of a layer after rounding; empty if they are not rounded
   */
  static Graph apply(
      Graph graph, Calibration calibration, Function<WeightSlot, Optional<Tensor>> rounded) {
    Map<String, Tensor> constants = new LinkedHashMap<>(graph.initializers());
    for (Node node : graph.nodes()) {
      for (WeightSlot slot : WeightSlot.of(graph, node)) {
        String bias = slot.isProduct(graph) ? bias(graph, slot) : "";
        ChannelMoments input = calibration.channels(slot.activation());
        if (!bias.isEmpty() && !input.isEmpty()) {
          rounded
              .apply(slot)
              .ifPresent(weights ->
                  constants.computeIfPresent(
                      bias, (key, old) -> correct(old, error(slot, weights, input.means()))));
        }
      }
    }
    return graph.toBuilder().initializers(constants).build();
  }

  /** The constant that is added to the product, and to nothing else; empty if there is none. */
  static String bias(Graph graph, WeightSlot slot) {
    String name = slot.bias();
    if (slot.node().operator() instanceof MatMul) {
      List<Node> readers = graph.consumers(slot.node().output());
      if (readers.size() == 1 && readers.get(0).operator() instanceof Add) {
        Node add = readers.get(0);
        name = add.input(add.input(0).equals(slot.node().output()) ? 1 : 0);
      }
    }
    Tensor constant = graph.constant(name).orElse(null);
    boolean own =
        constant != null
            && constant.dtype() == DType.FLOAT32
            && constant.size() == slot.channels()
            && constant.shape().rank() >= 1
            && constant.shape().dim(-1) == slot.channels()
            && graph.consumers(name).size() == 1
            && !graph.isOutput(name);
    return own ? name : "";
  }

  private static Tensor correct(Tensor bias, double[] error) {
    float[] values = bias.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] -= (float) error[i];
    }
    return Tensor.of(values, bias.shape().toArray());
  }

  /** The mean error of each output channel. */
  private static double[] error(WeightSlot slot, Tensor rounded, double[] means) {
    int stride = slot.weights().shape().strides()[slot.outputAxis()];
    double[] error = new double[slot.channels()];
    for (int i = 0; i < slot.weights().size(); i++) {
      float difference = rounded.getFloat(i) - slot.weights().getFloat(i);
      error[i / stride % error.length] += difference * means[slot.inputChannel(i)];
    }
    return error;
  }
}
