package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.internal.ChannelMoments;
import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.LeakyRelu;
import dev.tinytitan.op.Relu;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Makes the channels between two layers equally large (Nagel et al. 2019, Data-Free Quantization
 * Through Weight Equalization and Bias Correction): a channel that leaves a layer is divided by a
 * factor and the weights of the next layer that read it are multiplied by it, which a rectifier
 * between them does not notice. The factor makes the range of the channel's weights in both layers
 * the same.
 *
 * <p>With calibration data the factor may be taken from activations instead, as SmoothQuant (Xiao
 * et al. 2022) does for transformers: channels that share one scale then are of one size, which is
 * what networks of depthwise convolutions lack most. A depthwise layer's weights have a scale for
 * each channel, so there that costs nothing; elsewhere a strength says how far it goes.
 *
 * <p>What the graph computes stays the same.
 */
final class CrossLayerEqualization {
  private static final int MOST_ROUNDS = 20;
  private static final double SETTLED = 1e-3;

  /** Channels with a range below this carry nothing. */
  private static final float DEAD = 1e-9f;

  /**
   * Two layers.
   *
   * @param value what the second reads
   */
  private record Pair(WeightSlot first, WeightSlot second, String value) {}

  private CrossLayerEqualization() {}

  /** True if there is a pair of layers to equalize. */
  static boolean isPossible(Graph graph) {
    return !pairs(graph).isEmpty();
  }

  /**
   * The activations of which {@link #byActivations} needs the channels, with the channels' axis.
   */
  static Map<String, Integer> observed(Graph graph) {
    Map<String, Integer> axes = new LinkedHashMap<>();
    pairs(graph).forEach(pair -> axes.put(pair.value, 1));
    return axes;
  }

  /** The graph with layers equalized by the ranges of their weights. */
  static Graph byWeights(Graph graph) {
    List<Pair> pairs = pairs(graph);
    Map<String, float[]> constants = constants(graph, pairs);
    boolean settled = false;
    for (int round = 0; round < MOST_ROUNDS && !settled; round++) {
      settled = true;
      for (Pair pair : pairs) {
        settled &= equalize(pair, constants);
      }
    }
    return withConstants(graph, constants);
  }

  /**
   * The graph with layers equalized by the ranges of the activations between them.
   *
   * @param strength from 0, which looks at the next layer's weights only, to 1, at activations only
   */
  static Graph byActivations(Graph graph, Calibration calibration, double strength) {
    List<Pair> pairs = pairs(graph);
    Map<String, float[]> constants = constants(graph, pairs);
    for (Pair pair : pairs) {
      ChannelMoments channels = calibration.channels(pair.value);
      if (!channels.isEmpty()) {
        float[] factors = factors(pair, channels.greatest(), constants, strength);
        scale(pair, factors, constants);
      }
    }
    return withConstants(graph, constants);
  }

  private static float[] factors(
      Pair pair, float[] activations, Map<String, float[]> constants, double strength) {
    float[] weights =
        greatest(values(constants, pair.second), inputChannelOf(pair.second), activations.length);
    boolean depthwise = group(pair.second) == activations.length;
    double[] logs = new double[activations.length];
    double mean = 0;
    int alive = 0;
    for (int i = 0; i < logs.length; i++) {
      if (activations[i] >= DEAD && weights[i] >= DEAD) {
        logs[i] =
            depthwise
                ? Math.log(activations[i])
                : strength * Math.log(activations[i]) - (1 - strength) * Math.log(weights[i]);
        mean += logs[i];
        alive++;
      }
    }
    float[] factors = new float[logs.length];
    for (int i = 0; i < factors.length; i++) {
      boolean dead = activations[i] < DEAD || weights[i] < DEAD;
      factors[i] = dead ? 1 : (float) Math.exp(logs[i] - mean / alive);
    }
    return factors;
  }

  private static Map<String, float[]> constants(Graph graph, List<Pair> pairs) {
    Map<String, float[]> constants = new LinkedHashMap<>();
    for (Pair pair : pairs) {
      load(graph, constants, pair.first.constant());
      load(graph, constants, pair.first.bias());
      load(graph, constants, pair.second.constant());
    }
    return constants;
  }

  private static Graph withConstants(Graph graph, Map<String, float[]> constants) {
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    constants.forEach((name, values) ->
        initializers.computeIfPresent(
            name, (key, old) -> Tensor.of(values, old.shape().toArray())));
    return graph.toBuilder().initializers(initializers).build();
  }

  private static void load(Graph graph, Map<String, float[]> constants, String name) {
    graph
        .constant(name)
        .ifPresent(tensor -> constants.computeIfAbsent(name, key -> tensor.toFloatArray()));
  }

  private static List<Pair> pairs(Graph graph) {
    List<Pair> pairs = new ArrayList<>();
    for (Node node : graph.nodes()) {
      layer(graph, node)
          .ifPresent(first -> {
            String value = node.output();
            Node reader = onlyReader(graph, value).orElse(null);
            if (reader != null
                && (reader.operator() instanceof Relu
                    || (reader.operator() instanceof LeakyRelu leaky && leaky.alpha() >= 0))) {
              value = reader.output();
              reader = onlyReader(graph, value).orElse(null);
            }
            if (reader != null && reader.input(0).equals(value)) {
              String between = value;
              layer(graph, reader)
                  .filter(second -> inputChannels(second) == first.channels())
                  .ifPresent(second -> pairs.add(new Pair(first, second, between)));
            }
          });
    }
    return pairs;
  }

  private static Optional<Node> onlyReader(Graph graph, String value) {
    List<Node> readers = graph.consumers(value);
    return readers.size() == 1 && !graph.isOutput(value)
        ? Optional.of(readers.get(0))
        : Optional.empty();
  }

  /** A product whose constants nobody else reads. */
  private static Optional<WeightSlot> layer(Graph graph, Node node) {
    return WeightSlot.of(graph, node).stream()
        .filter(slot ->
            slot.isProduct(graph)
                && isOwn(graph, slot.constant())
                && (slot.bias().isEmpty() || isOwn(graph, slot.bias())))
        .findFirst();
  }

  private static boolean isOwn(Graph graph, String constant) {
    return graph.consumers(constant).size() == 1 && !graph.isOutput(constant);
  }

  private static int group(WeightSlot slot) {
    return slot.node().operator() instanceof Conv conv ? conv.group() : 1;
  }

  private static int inputChannels(WeightSlot slot) {
    return slot.weights().shape().dim(slot.innerAxis()) * group(slot);
  }

  /** The input channel that each weight of a layer multiplies. */
  private static int[] inputChannelOf(WeightSlot slot) {
    int[] strides = slot.weights().shape().strides();
    int inner = slot.weights().shape().dim(slot.innerAxis());
    int perGroup = slot.channels() / group(slot);
    int[] channels = new int[slot.weights().size()];
    for (int i = 0; i < channels.length; i++) {
      int output = i / strides[slot.outputAxis()] % slot.channels();
      channels[i] = output / perGroup * inner + i / strides[slot.innerAxis()] % inner;
    }
    return channels;
  }

  private static float[] values(Map<String, float[]> constants, WeightSlot slot) {
    return Objects.requireNonNull(constants.get(slot.constant()));
  }

  private static int[] outputChannelOf(WeightSlot slot) {
    int stride = slot.weights().shape().strides()[slot.outputAxis()];
    int[] channels = new int[slot.weights().size()];
    for (int i = 0; i < channels.length; i++) {
      channels[i] = i / stride % slot.channels();
    }
    return channels;
  }

  /** Equalizes one pair by its weights; true if there was next to nothing to do. */
  private static boolean equalize(Pair pair, Map<String, float[]> constants) {
    int channels = pair.first.channels();
    float[] before = greatest(values(constants, pair.first), outputChannelOf(pair.first), channels);
    float[] after = greatest(values(constants, pair.second), inputChannelOf(pair.second), channels);
    float[] factors = new float[channels];
    boolean settled = true;
    for (int i = 0; i < factors.length; i++) {
      boolean dead = before[i] < DEAD || after[i] < DEAD;
      factors[i] = dead ? 1 : (float) Math.sqrt((double) before[i] / after[i]);
      settled &= Math.abs(factors[i] - 1) < SETTLED;
    }
    scale(pair, factors, constants);
    return settled;
  }

  /** Divides the channels between two layers by factors. */
  private static void scale(Pair pair, float[] factors, Map<String, float[]> constants) {
    float[] before = values(constants, pair.first);
    float[] after = values(constants, pair.second);
    float[] bias = constants.get(pair.first.bias());
    int[] out = outputChannelOf(pair.first);
    int[] in = inputChannelOf(pair.second);
    for (int i = 0; i < before.length; i++) {
      before[i] /= factors[out[i]];
    }
    for (int i = 0; bias != null && i < bias.length; i++) {
      bias[i] /= factors[i];
    }
    for (int i = 0; i < after.length; i++) {
      after[i] *= factors[in[i]];
    }
  }

  private static float[] greatest(float[] weights, int[] channelOf, int channels) {
    float[] greatest = new float[channels];
    for (int i = 0; i < weights.length; i++) {
      greatest[channelOf[i]] = Math.max(greatest[channelOf[i]], Math.abs(weights[i]));
    }
    return greatest;
  }
}
