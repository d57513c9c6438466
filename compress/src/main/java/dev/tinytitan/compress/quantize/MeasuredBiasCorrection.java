package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.ObservedModel;
import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphRewriter;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.Relu;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Takes out of each integer bias the mean error that the layer's sums really have on calibration
 * data (Nagel et al. 2019, empirical bias correction), one layer after the other: each sees what
 * the corrected ones before it give. That covers what {@link BiasCorrection} cannot know: rounded
 * and clipped activations, and the borders of padding. Before a rectifier only the sums that pass
 * it count: what becomes 0 anyway has no error.
 */
final class MeasuredBiasCorrection {
  /** Means settle early, and each layer runs them all anew. */
  private static final int MOST_SAMPLES = 32;

  private final Graph truth;
  private final Map<String, Node> truthNodes = new HashMap<>();
  private final ModelInfo info;
  private final Samples samples;
  private final int threads;

  /**
   * @param truth the float graph that was quantized
   */
  MeasuredBiasCorrection(Graph truth, ModelInfo info, Samples samples, int threads) {
    this.truth = truth;
    this.info = info;
    this.samples = samples.first(MOST_SAMPLES);
    this.threads = threads;
    truth.nodes().forEach(node -> truthNodes.put(node.name(), node));
  }

  /** True if there is a layer whose bias can be corrected. */
  static boolean isPossible(Graph graph) {
    return WeightSlot.of(graph).stream()
        .anyMatch(slot -> slot.isProduct(graph) && !slot.bias().isEmpty());
  }

  /** The quantized graph with its biases corrected. */
  Rewrite apply(Rewrite rewrite) {
    Graph graph = rewrite.graph();
    Map<String, Tensor> constants = new LinkedHashMap<>(graph.initializers());
    for (Node node : graph.nodes()) {
      Node original = truthNodes.get(node.name());
      Tensor bias = integerBias(graph, node).orElse(null);
      if (original == null || bias == null) {
        continue;
      }
      Graph corrected = graph.toBuilder().initializers(constants).build();
      double[] error = error(original, corrected, node);
      Node dequantize = graph.producer(node.input(2)).orElseThrow();
      Tensor scale = graph.constant(dequantize.input(1)).orElseThrow();
      constants.put(dequantize.input(0), correct(bias, scale, error));
    }
    return new Rewrite(graph.toBuilder().initializers(constants).build(), rewrite.outputs());
  }

  /** The int32 bias of a layer, where only this layer reads it. */
  private static Optional<Tensor> integerBias(Graph graph, Node node) {
    boolean product = node.operator() instanceof Conv || node.operator() instanceof Gemm;
    if (!product || !node.hasInput(2)) {
      return Optional.empty();
    }
    return graph
        .producer(node.input(2))
        .filter(above ->
            above.operator() instanceof DequantizeLinear
                && graph.consumers(above.output()).size() == 1
                && graph.consumers(above.input(0)).size() == 1)
        .flatMap(above -> graph.constant(above.input(0)))
        .filter(bias -> bias.dtype() == DType.INT32);
  }

  /** The mean error of each output channel of a layer. */
  private double[] error(Node original, Graph graph, Node node) {
    boolean rectified =
        !truth.isOutput(original.output())
            && !truth.consumers(original.output()).isEmpty()
            && truth.consumers(original.output()).stream()
                .allMatch(reader -> reader.operator() instanceof Relu);
    double[] sums = new double[0];
    long[] counts = new long[0];
    try (ObservedModel expected = upTo(truth, original.output());
        ObservedModel actual = upTo(graph, node.output())) {
      for (int number = 0; number < samples.size(); number++) {
        Sample sample = samples.get(number);
        Tensor wanted = Objects.requireNonNull(expected.run(sample, number).get(original.output()));
        Tensor got = Objects.requireNonNull(actual.run(sample, number).get(node.output()));
        Shape shape = wanted.shape();
        int axis = node.operator() instanceof Conv ? 1 : shape.rank() - 1;
        int channels = shape.dim(axis);
        int inner = shape.sizeBetween(axis + 1, shape.rank());
        if (sums.length == 0) {
          sums = new double[channels];
          counts = new long[channels];
        }
        for (int i = 0; i < wanted.size(); i++) {
          float value = wanted.getFloat(i);
          if (!rectified || value > 0) {
            int channel = i / inner % channels;
            sums[channel] += got.getFloat(i) - value;
            counts[channel]++;
          }
        }
      }
    }
    for (int i = 0; i < sums.length; i++) {
      sums[i] = counts[i] == 0 ? 0 : sums[i] / counts[i];
    }
    return sums;
  }

  private ObservedModel upTo(Graph graph, String value) {
    Graph above =
        GraphRewriter.dropUnused(graph.toBuilder().outputs(List.of(Value.of(value, null))).build());
    return ObservedModel.open(above, info, List.of(), threads);
  }

  private static Tensor correct(Tensor bias, Tensor scale, double[] error) {
    int[] values = new int[bias.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (int) Math.rint(bias.getInt(i) - error[i] / scale.getFloat(i));
    }
    return Tensor.of(values, bias.shape().toArray());
  }
}
