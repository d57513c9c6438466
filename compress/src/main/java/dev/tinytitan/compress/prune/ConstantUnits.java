package dev.tinytitan.compress.prune;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.AutoPad;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Flatten;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.GlobalAveragePool;
import dev.tinytitan.op.GlobalMaxPool;
import dev.tinytitan.op.MaxPool;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds channels that hold one constant whatever the input, because the weights that make them are
 * all zero, and moves what they bring to the next layer into its bias. They are followed from
 * convolutions and dense layers through activations, maxima and flattening; a convolution that pads
 * sees the constant end at its border, and is left as it is.
 */
final class ConstantUnits {
  private final ConcreteGraph concrete;
  private final Graph graph;
  private final Map<String, Tensor> constants;
  private final List<Node> nodes = new ArrayList<>();

  /** By value: what each place of axis 1 holds; NaN where that is not constant. */
  private final Map<String, float[]> known = new HashMap<>();

  private boolean changed;

  private ConstantUnits(ConcreteGraph concrete) {
    this.concrete = concrete;
    this.graph = concrete.graph();
    this.constants = new LinkedHashMap<>(graph.initializers());
  }

  /** The graph with constants in biases, and zeros for weights; empty if there were none. */
  static Optional<Graph> fold(GraphScope scope) {
    return new ConstantUnits(scope.trace().concrete()).fold();
  }

  private Optional<Graph> fold() {
    for (Node node : graph.nodes()) {
      nodes.add(follow(node));
    }
    return changed
        ? Optional.of(graph.toBuilder().initializers(constants).nodes(nodes).build())
        : Optional.empty();
  }

  private Node follow(Node node) {
    switch (node.operator()) {
      case Conv conv when conv.group() == 1 -> {
        return layer(node, !pads(conv.window()));
      }
      case Gemm gemm when isPlain(gemm) -> {
        return layer(node, true);
      }
      case Flatten flatten when flatten.axis() == 1 -> {
        float[] held = known.get(node.input(0));
        Optional<Shape> flat = concrete.shape(node.output());
        if (held != null && flat.isPresent()) {
          known.put(node.output(), repeated(held, flat.get().dim(1)));
        }
      }
      case MaxPool pool -> pass(node);
      case GlobalMaxPool pool -> pass(node);
      case GlobalAveragePool pool -> pass(node);
      default -> {
        if (ElementRules.isElementwise(node.operator()) && !node.operator().isNondeterministic()) {
          apply(node);
        }
      }
    }
    return node;
  }

  private static boolean pads(Window window) {
    return window.autoPad() != AutoPad.VALID
        && (window.autoPad() != AutoPad.NOTSET || !window.pads().isEmpty());
  }

  private static boolean isPlain(Gemm gemm) {
    return gemm.transB() && !gemm.transA() && gemm.alpha() == 1 && gemm.beta() == 1;
  }

  private static float[] repeated(float[] held, int size) {
    float[] result = new float[size];
    int times = size / Math.max(1, held.length);
    for (int i = 0; i < size; i++) {
      result[i] = held[i / times];
    }
    return result;
  }

  private void pass(Node node) {
    float[] held = known.get(node.input(0));
    if (held != null) {
      known.put(node.output(), held);
    }
  }

  /** An activation: the operator says what becomes of a constant. */
  private void apply(Node node) {
    float[] held = known.get(node.input(0));
    if (held == null) {
      return;
    }
    List<@Nullable Tensor> arguments = new ArrayList<>();
    arguments.add(Tensor.of(held));
    for (String other : node.inputs().subList(1, node.inputs().size())) {
      Tensor tensor = other.isEmpty() ? null : constants.get(other);
      if (!other.isEmpty() && (tensor == null || tensor.size() != 1)) {
        return;
      }
      arguments.add(tensor);
    }
    Tensor result = Interpreter.eval(node, arguments).get(0);
    if (result != null && result.dtype() == DType.FLOAT32 && result.size() == held.length) {
      float[] values = result.toFloatArray();
      for (int i = 0; i < values.length; i++) {
        values[i] = Float.isNaN(held[i]) ? Float.NaN : values[i];
      }
      known.put(node.output(), values);
    }
  }

  /** A layer [out, in, …]: takes constants in, and may give some. */
  private Node layer(Node node, boolean takes) {
    Tensor weights = own(node.input(1)).orElse(null);
    if (weights == null) {
      return node;
    }
    Tensor bias = node.hasInput(2) ? own(node.input(2)).orElse(null) : null;
    int out = weights.shape().dim(0);
    boolean fits = bias == null ? !node.hasInput(2) : bias.shape().equals(Shape.of(out));
    if (!fits) {
      return node;
    }
    int in = weights.shape().dim(1);
    float[] values = weights.toFloatArray();
    float[] sums = bias == null ? new float[out] : bias.toFloatArray();
    float[] held = known.get(node.input(0));
    Node result = node;
    if (takes && held != null && held.length == in && moveConstants(values, sums, held)) {
      constants.put(node.input(1), Tensor.of(values, weights.shape().toArray()));
      result = withBias(node, sums);
      changed = true;
    }
    int inner = values.length / Math.max(1, out);
    float[] given = new float[out];
    for (int row = 0; row < out; row++) {
      given[row] = isZero(values, row * inner, inner) ? sums[row] : Float.NaN;
    }
    known.put(node.output(), given);
    return result;
  }

  private Node withBias(Node node, float[] sums) {
    if (node.hasInput(2)) {
      constants.put(node.input(2), Tensor.of(sums));
      return node;
    }
    String name = node.input(1) + "_bias";
    while (graph.defines(name) || constants.containsKey(name)) {
      name += "_";
    }
    constants.put(name, Tensor.of(sums));
    return node.withInputs(List.of(node.input(0), node.input(1), name));
  }

  private static boolean isZero(float[] values, int from, int length) {
    for (int i = from; i < from + length; i++) {
      if (values[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Sets weights of constants to zero and adds what they gave to the sums; false if none were. */
  private static boolean moveConstants(float[] weights, float[] sums, float[] held) {
    int kernel = weights.length / Math.max(1, sums.length * held.length);
    boolean moved = false;
    for (int row = 0; row < sums.length; row++) {
      double sum = sums[row];
      for (int channel = 0; channel < held.length; channel++) {
        int from = (row * held.length + channel) * kernel;
        if (Float.isNaN(held[channel]) || isZero(weights, from, kernel)) {
          continue;
        }
        for (int i = from; i < from + kernel; i++) {
          sum += (double) weights[i] * held[channel];
        }
        Arrays.fill(weights, from, from + kernel, 0);
        moved = true;
      }
      sums[row] = (float) sum;
    }
    return moved;
  }

  /** A float constant that one node reads, once. */
  private Optional<Tensor> own(String name) {
    Tensor tensor = constants.get(name);
    boolean own =
        tensor != null
            && tensor.dtype() == DType.FLOAT32
            && graph.consumers(name).size() == 1
            && Collections.frequency(graph.consumers(name).get(0).inputs(), name) == 1
            && !graph.isOutput(name);
    return own ? Optional.of(Objects.requireNonNull(tensor)) : Optional.empty();
  }
}
