package dev.tinytitan.edge.elastic;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads 8-bit weights at a lower precision: the upper half of each byte, rounded, with sixteen
 * times the scale. Nothing beside the stored bytes is needed.
 */
final class NestedWeights {
  private static final int LEVELS = 16;

  /** The largest weight of a channel; its upper half is 7, and so within 4 bits. */
  private static final int MOST = 119;

  private NestedWeights() {}

  /**
   * A graph with the weights of its convolutions and fully connected layers stored in 8 bits, with
   * a scale for each output channel, and read through DequantizeLinear. Nothing is folded, so that
   * channels can still be sliced and normalizations replaced.
   */
  static Graph store(Graph graph) {
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      boolean product =
          node.operator() instanceof Conv
              || (node.operator() instanceof Gemm gemm && gemm.transB());
      Optional<Tensor> weights = product ? graph.constant(node.input(1)) : Optional.empty();
      if (weights.isPresent() && weights.get().dtype() == DType.FLOAT32) {
        String name = node.input(1);
        if (initializers.remove(name) != null) {
          quantize(weights.get(), name, initializers);
          nodes.add(
              Node.of(
                  name + "/read",
                  new DequantizeLinear(0),
                  List.of(name + "/stored", name + "/scale"),
                  List.of(name + "/read")));
        }
        nodes.add(node.withInput(1, name + "/read"));
      } else {
        nodes.add(node);
      }
    }
    return graph.toBuilder().nodes(nodes).initializers(initializers).build();
  }

  private static void quantize(Tensor weights, String name, Map<String, Tensor> initializers) {
    int channels = weights.shape().dim(0);
    int inner = weights.size() / channels;
    float[] source = weights.toFloatArray();
    float[] scales = new float[channels];
    byte[] stored = new byte[source.length];
    for (int channel = 0; channel < channels; channel++) {
      float greatest = 0;
      for (int i = 0; i < inner; i++) {
        greatest = Math.max(greatest, Math.abs(source[channel * inner + i]));
      }
      scales[channel] = greatest == 0 ? 1 : greatest / MOST;
      for (int i = 0; i < inner; i++) {
        int at = channel * inner + i;
        stored[at] = (byte) Math.clamp(Math.round(source[at] / scales[channel]), -MOST, MOST);
      }
    }
    initializers.put(name + "/stored", Tensor.of(stored, weights.shape().toArray()));
    initializers.put(name + "/scale", Tensor.of(scales));
  }

  /**
   * A graph with its stored weights read in so many bits.
   *
   * @param bits 4 for the upper halves of 8-bit weights; 8 and 32 leave all as it is
   * @throws IllegalArgumentException if 4 bits are asked for and nothing is stored in 8
   */
  static Graph read(Graph graph, int bits) {
    if (bits != 4) {
      return graph;
    }
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    List<Node> nodes = new ArrayList<>();
    boolean found = false;
    for (Node node : graph.nodes()) {
      Optional<Tensor> stored = graph.constant(node.input(0));
      Optional<Tensor> scale =
          node.inputs().size() > 1 ? graph.constant(node.input(1)) : Optional.empty();
      if (node.operator() instanceof DequantizeLinear
          && node.inputs().size() == 2
          && stored.isPresent()
          && scale.isPresent()
          && stored.get().dtype() == DType.INT8) {
        found = true;
        String values = node.input(0) + "/upper";
        String scales = node.input(1) + "/upper";
        initializers.put(values, upper(stored.get()));
        initializers.put(scales, scaled(scale.get()));
        nodes.add(node.withInput(0, values).withInput(1, scales));
      } else {
        nodes.add(node);
      }
    }
    if (!found) {
      throw new IllegalArgumentException("it reads 4 bits where no weights are stored in 8");
    }
    Graph read = graph.toBuilder().nodes(nodes).initializers(initializers).build();
    initializers.keySet().removeIf(name -> read.consumers(name).isEmpty());
    return read.toBuilder().initializers(initializers).build();
  }

  /** The upper halves as int4, rounded half up. */
  private static Tensor upper(Tensor stored) {
    Tensor upper = Tensor.zeros(DType.INT4, stored.shape());
    for (int i = 0; i < stored.size(); i++) {
      upper.setLong(i, Math.clamp((stored.getLong(i) + LEVELS / 2) >> 4, -8, 7));
    }
    return upper;
  }

  private static Tensor scaled(Tensor scale) {
    Tensor scaled = Tensor.zeros(scale.dtype(), scale.shape());
    for (int i = 0; i < scale.size(); i++) {
      scaled.setFloat(i, scale.getFloat(i) * LEVELS);
    }
    return scaled;
  }
}
