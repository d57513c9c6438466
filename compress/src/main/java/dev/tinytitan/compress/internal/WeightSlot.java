package dev.tinytitan.compress.internal;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.ConvTranspose;
import dev.tinytitan.op.GRU;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.LSTM;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.RNN;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A place where a node reads constant weights in float32.
 *
 * @param input which input of the node the weights are
 * @param outputAxis the axis of the weights that runs over output channels (rows of a table)
 * @param innerAxis the axis that is summed over (the columns of a table)
 */
public record WeightSlot(Node node, int input, Tensor weights, int outputAxis, int innerAxis) {

  /** All of a graph, in the order of its nodes; subgraphs are not looked into. */
  public static List<WeightSlot> of(Graph graph) {
    List<WeightSlot> slots = new ArrayList<>();
    for (Node node : graph.nodes()) {
      slots.addAll(of(graph, node));
    }
    return slots;
  }

  /** Those of one node. */
  public static List<WeightSlot> of(Graph graph, Node node) {
    List<WeightSlot> slots = new ArrayList<>();
    for (int input = 0; input < node.inputs().size(); input++) {
      at(graph, node, input).ifPresent(slots::add);
    }
    return slots;
  }

  private static Optional<WeightSlot> at(Graph graph, Node node, int input) {
    Tensor weights = graph.constant(node.input(input)).orElse(null);
    if (weights == null || weights.dtype() != DType.FLOAT32 || weights.shape().rank() < 2) {
      return Optional.empty();
    }
    int rank = weights.shape().rank();
    int[] axes =
        switch (node.operator()) {
          case Conv conv when input == 1 -> new int[] {0, 1};
          case Gemm gemm when input == 1 -> gemm.transB() ? new int[] {0, 1} : new int[] {1, 0};
          case MatMul product when input == 1 -> new int[] {rank - 1, rank - 2};
          case MatMul product when input == 0 -> new int[] {rank - 2, rank - 1};
          case Gather gather when input == 0 && gather.axis() == 0 && rank == 2 -> new int[] {0, 1};
          case ConvTranspose conv when input == 1 -> new int[] {1, 0};
          case LSTM lstm when input == 1 || input == 2 -> new int[] {1, 2};
          case GRU gru when input == 1 || input == 2 -> new int[] {1, 2};
          case RNN rnn when input == 1 || input == 2 -> new int[] {1, 2};
          default -> new int[0];
        };
    return axes.length == 0
        ? Optional.empty()
        : Optional.of(new WeightSlot(node, input, weights, axes[0], axes[1]));
  }

  /** The constant's name. */
  public String constant() {
    return node.input(input);
  }

  /** The activation that the weights multiply; the indices, for a table. */
  public String activation() {
    return node.input(input == 0 ? 1 : 0);
  }

  /** True for a table of which rows are picked. */
  public boolean isTable() {
    return node.operator() instanceof Gather;
  }

  /**
   * True for convolutions, and products with a constant matrix on the right, that can run in
   * integers: the bias, if there is one, is constant and has one element per output channel.
   */
  public boolean isProduct(Graph graph) {
    boolean plain =
        switch (node.operator()) {
          case Conv conv -> true;
          case Gemm gemm -> !gemm.transA() && gemm.alpha() == 1 && gemm.beta() == 1;
          case MatMul product -> input == 1 && weights.shape().rank() == 2;
          default -> false;
        };
    return plain && (bias().isEmpty() || hasPlainBias(graph));
  }

  private boolean hasPlainBias(Graph graph) {
    Tensor constant = graph.constant(bias()).orElse(null);
    return constant != null
        && constant.dtype() == DType.FLOAT32
        && constant.size() == channels()
        && constant.shape().rank() >= 1
        && constant.shape().dim(-1) == channels();
  }

  /** The name of the bias; empty for operators that have none or were given none. */
  public String bias() {
    return node.operator() instanceof Conv || node.operator() instanceof Gemm ? node.input(2) : "";
  }

  /** The number of output channels. */
  public int channels() {
    return weights.shape().dim(outputAxis);
  }

  /** The channel of the activation that an element of the weights is multiplied by. */
  public int inputChannel(int element) {
    int[] strides = weights.shape().strides();
    int inner = weights.shape().dim(innerAxis);
    int groups = node.operator() instanceof Conv conv ? conv.group() : 1;
    int output = element / strides[outputAxis] % channels();
    return output / (channels() / groups) * inner + element / strides[innerAxis] % inner;
  }
}
