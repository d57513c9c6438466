package dev.tinytitan.edge.learn;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.LayerNormalization;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A constant of a deployed model that can be learned: weights, biases, scales of normalizations; as
 * floats, or as integers behind a DequantizeLinear.
 *
 * @param value the float value that the layer reads
 * @param stored the initializer that holds it
 * @param grid the integers that it is stored in; empty for floats
 * @param shape of the tensor
 * @param role what the layer does with it
 * @param layer the node that reads it
 * @param position the layer's place among the graph's nodes
 * @param outputAxis the dimension that runs over output channels
 */
record LearnableTensor(
    String value,
    String stored,
    Optional<IntegerGrid> grid,
    Shape shape,
    Role role,
    Node layer,
    int position,
    int outputAxis) {

  /**
   * From this share of zeros on, the zeros of an integer tensor are taken for pruned weights. Small
   * weights that were rounded to 0 are fewer.
   */
  private static final double PRUNED_INTEGERS = 0.35;

  /** What a layer does with the tensor. */
  enum Role {
    WEIGHT,
    BIAS,
    SCALE
  }

  /** All of a graph, in the order of its layers; one that several layers read is left out. */
  static List<LearnableTensor> of(Graph graph) {
    List<LearnableTensor> found = new ArrayList<>();
    Set<String> products = new HashSet<>();
    List<Node> nodes = graph.nodes();
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      switch (node.operator()) {
        case Conv conv -> {
          add(found, graph, i, 1, Role.WEIGHT, 0);
          add(found, graph, i, 2, Role.BIAS, 0);
        }
        case Gemm gemm -> {
          if (!gemm.transA()) {
            add(found, graph, i, 1, Role.WEIGHT, gemm.transB() ? 0 : 1);
            add(found, graph, i, 2, Role.BIAS, -1);
          }
        }
        case MatMul product -> {
          if (add(found, graph, i, 1, Role.WEIGHT, 1)) {
            products.add(node.output());
          }
        }
        case Add sum -> {
          for (int input = 0; input < 2; input++) {
            if (products.contains(node.input(1 - input))) {
              add(found, graph, i, input, Role.BIAS, -1);
            }
          }
        }
        case BatchNormalization normalization -> {
          add(found, graph, i, 1, Role.SCALE, 0);
          add(found, graph, i, 2, Role.BIAS, 0);
        }
        case LayerNormalization normalization -> {
          add(found, graph, i, 1, Role.SCALE, 0);
          add(found, graph, i, 2, Role.BIAS, 0);
        }
        default -> {
          // Nothing to learn that is known how to.
        }
      }
    }
    return found;
  }

  private static boolean add(
      List<LearnableTensor> found, Graph graph, int position, int input, Role role, int axis) {
    Node node = graph.nodes().get(position);
    String value = node.input(input);
    if (value.isEmpty() || graph.consumers(value).size() != 1) {
      return false;
    }
    Optional<Tensor> constant = graph.constant(value);
    String stored = value;
    Optional<IntegerGrid> grid = Optional.empty();
    if (constant.isEmpty()) {
      Optional<Node> producer = graph.producer(value);
      if (producer.isEmpty()
          || !(producer.get().operator() instanceof DequantizeLinear dequantize)
          || dequantize.blockSize() != 0) {
        return false;
      }
      stored = producer.get().input(0);
      constant = graph.constant(stored);
      grid = constant.flatMap(codes -> grid(graph, producer.get(), codes, dequantize.axis()));
      if (grid.isEmpty() || graph.consumers(stored).size() != 1) {
        return false;
      }
    } else if (constant.get().dtype() != DType.FLOAT32) {
      return false;
    }
    Shape shape = constant.get().shape();
    if (shape.rank() == 0 || shape.size() == 0 || (role == Role.WEIGHT && shape.rank() < 2)) {
      return false;
    }
    int outputAxis = axis < 0 ? shape.rank() - 1 : Math.min(axis, shape.rank() - 1);
    found.add(new LearnableTensor(value, stored, grid, shape, role, node, position, outputAxis));
    return true;
  }

  private static Optional<IntegerGrid> grid(Graph graph, Node node, Tensor codes, int axis) {
    Optional<Tensor> scale = graph.constant(node.input(1));
    if (scale.isEmpty() || !codes.dtype().isInteger()) {
      return Optional.empty();
    }
    Optional<Tensor> zero = graph.constant(node.input(2));
    if (node.hasInput(2) && zero.isEmpty()) {
      return Optional.empty();
    }
    float[] scales = scale.get().toFloatArray();
    int own = axis < 0 ? axis + codes.shape().rank() : axis;
    if (scales.length != 1
        && (own < 0 || own >= codes.shape().rank() || codes.shape().dim(own) != scales.length)) {
      return Optional.empty();
    }
    for (float each : scales) {
      if (!(each > 0) || !Float.isFinite(each)) {
        return Optional.empty();
      }
    }
    long[] zeros = zero.map(Tensor::toLongArray).orElse(new long[0]);
    return Optional.of(new IntegerGrid(codes.dtype(), scales, zeros, Math.max(0, own)));
  }

  /** The number of elements. */
  int size() {
    return shape.size();
  }

  /** The numbers that a graph of the same structure holds for it. */
  float[] values(Graph graph) {
    Tensor tensor = graph.constant(stored).orElseThrow();
    return grid.map(each -> each.values(tensor)).orElseGet(() -> tensor.toFloatArray().clone());
  }

  /** What a graph stores for these numbers. */
  Tensor stored(float[] values) {
    return grid.isPresent()
        ? grid.get().codes(values, shape)
        : Tensor.of(values.clone(), shape.toArray());
  }

  /** Which elements were pruned and are to stay 0; empty if none were. */
  Optional<boolean[]> pruned(Graph graph) {
    if (role != Role.WEIGHT) {
      return Optional.empty();
    }
    Tensor tensor = graph.constant(stored).orElseThrow();
    if (grid.isPresent() && grid.get().zeros(tensor) < PRUNED_INTEGERS * tensor.size()) {
      return Optional.empty();
    }
    float[] values = values(graph);
    boolean[] zero = new boolean[values.length];
    boolean any = false;
    for (int i = 0; i < values.length; i++) {
      zero[i] = values[i] == 0;
      any |= zero[i];
    }
    return any ? Optional.of(zero) : Optional.empty();
  }
}
