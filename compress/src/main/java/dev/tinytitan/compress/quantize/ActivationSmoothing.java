package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.internal.ChannelMoments;
import dev.tinytitan.compress.internal.GraphDraft;
import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.LayerNormalization;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Mul;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Moves the difficulty of quantization from activations to weights (Xiao et al. 2022, SmoothQuant):
 * the few channels of a transformer's activations that are far larger than the rest are divided by
 * a factor, and the rows of the matrices that read them multiplied by it. What the graph computes
 * stays the same.
 *
 * <p>Where only such matrices read the activation, the division goes into the gamma and beta of the
 * layer normalization before it, and costs nothing; elsewhere it is a multiplication of its own.
 */
final class ActivationSmoothing {
  private static final float LEAST = 1e-5f;

  private final Graph graph;
  private final Map<String, Tensor> constants;
  private final Map<Node, String> smoothed = new HashMap<>();
  private final GraphDraft draft;

  private ActivationSmoothing(Graph graph) {
    this.graph = graph;
    this.constants = new LinkedHashMap<>(graph.initializers());
    this.draft = new GraphDraft(graph);
  }

  /** The activations of which {@link #apply} needs the channels, with the channels' axis. */
  static Map<String, Integer> observed(Graph graph, Selection selection) {
    Map<String, Integer> axes = new LinkedHashMap<>();
    groups(graph, selection).keySet().forEach(value -> axes.put(value, -1));
    return axes;
  }

  /**
   * The smoothed graph.
   *
   * @param strength how much of the difficulty moves, 0 (none) to 1 (all)
   */
  static Graph apply(Graph graph, Selection selection, Calibration calibration, double strength) {
    ActivationSmoothing smoothing = new ActivationSmoothing(graph);
    groups(graph, selection)
        .forEach((value, slots) -> {
          ChannelMoments channels = calibration.channels(value);
          if (!channels.isEmpty()) {
            smoothing.smooth(value, slots, channels.greatest(), strength);
          }
        });
    return smoothing.build();
  }

  /** The matrix products by activation; each product's matrix is its own. */
  private static Map<String, List<WeightSlot>> groups(Graph graph, Selection selection) {
    Map<String, List<WeightSlot>> groups = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      boolean product = node.operator() instanceof MatMul || node.operator() instanceof Gemm;
      for (WeightSlot slot : product ? selection.slots(node) : List.<WeightSlot>of()) {
        if (slot.isProduct(graph) && graph.consumers(slot.constant()).size() == 1) {
          groups.computeIfAbsent(slot.activation(), key -> new ArrayList<>()).add(slot);
        }
      }
    }
    return groups;
  }

  private void smooth(String value, List<WeightSlot> slots, float[] activations, double strength) {
    float[] weights = new float[activations.length];
    for (WeightSlot slot : slots) {
      int stride = slot.weights().shape().strides()[slot.innerAxis()];
      for (int i = 0; i < slot.weights().size(); i++) {
        int channel = i / stride % weights.length;
        weights[channel] = Math.max(weights[channel], Math.abs(slot.weights().getFloat(i)));
      }
    }
    float[] factors = new float[activations.length];
    float[] inverse = new float[activations.length];
    for (int i = 0; i < factors.length; i++) {
      double factor =
          Math.pow(Math.max(activations[i], LEAST), strength)
              / Math.pow(Math.max(weights[i], LEAST), 1 - strength);
      factors[i] = (float) factor;
      inverse[i] = (float) (1 / factor);
    }
    for (WeightSlot slot : slots) {
      int stride = slot.weights().shape().strides()[slot.innerAxis()];
      scale(slot.constant(), factors, stride);
    }
    Set<Node> readers = new HashSet<>(graph.consumers(value));
    slots.forEach(slot -> readers.remove(slot.node()));
    boolean free = readers.isEmpty() && !graph.isOutput(value);
    if (!free || !absorb(value, inverse)) {
      String factor = draft.constant(value + "_smoothing", Tensor.of(inverse));
      String smooth = draft.add(new Mul(), List.of(value, factor), value + "_smooth");
      slots.forEach(slot -> smoothed.put(slot.node(), smooth));
    }
  }

  private void scale(String constant, float[] factors, int stride) {
    Tensor old = Objects.requireNonNull(constants.get(constant));
    float[] values = old.toFloatArray();
    for (int i = 0; i < values.length; i++) {
      values[i] *= factors[i / stride % factors.length];
    }
    constants.put(constant, Tensor.of(values, old.shape().toArray()));
  }

  /** Puts factors into the constants of the normalization that gives the value, if there is one. */
  private boolean absorb(String value, float[] factors) {
    Node node = graph.producer(value).orElse(null);
    if (node == null) {
      return false;
    }
    if (node.operator() instanceof LayerNormalization && node.outputs().size() == 1) {
      return isVector(node.input(1), factors.length)
          && (!node.hasInput(2) || isVector(node.input(2), factors.length))
          && scaleAll(factors, node.input(1), node.input(2));
    }
    if (node.operator() instanceof Mul) {
      int gamma = vector(node, factors.length);
      return gamma >= 0 && scaleAll(factors, node.input(gamma));
    }
    if (node.operator() instanceof Add) {
      int beta = vector(node, factors.length);
      Node scaled = beta < 0 ? null : graph.producer(node.input(1 - beta)).orElse(null);
      if (scaled == null || !(scaled.operator() instanceof Mul)) {
        return false;
      }
      int gamma = vector(scaled, factors.length);
      return gamma >= 0
          && graph.consumers(scaled.output()).size() == 1
          && !graph.isOutput(scaled.output())
          && scaleAll(factors, scaled.input(gamma), node.input(beta));
    }
    return false;
  }

  private boolean scaleAll(float[] factors, String... names) {
    for (String name : names) {
      if (!name.isEmpty()) {
        scale(name, factors, 1);
      }
    }
    return true;
  }

  /** Which of a node's two inputs is a vector of its own, of this length; -1 if none. */
  private int vector(Node node, int length) {
    return isVector(node.input(1), length) ? 1 : isVector(node.input(0), length) ? 0 : -1;
  }

  private boolean isVector(String name, int length) {
    Tensor constant = graph.constant(name).orElse(null);
    return constant != null
        && constant.dtype() == DType.FLOAT32
        && constant.shape().equals(Shape.of(length))
        && graph.consumers(name).size() == 1;
  }

  private Graph build() {
    for (Node node : graph.nodes()) {
      String input = smoothed.get(node);
      // The activation is the first input of MatMul and Gemm alike.
      draft.add(input == null ? node : node.withInput(0, input));
    }
    constants.forEach(draft::replaceConstant);
    return draft.build();
  }
}
