package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.ConvTranspose;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Conv, ConvTranspose, Gemm or MatMul with constant weights, into which a scale and a shift for
 * each output channel can be folded. Weights are float32 or float64; what is folded is computed in
 * float64 and rounded once.
 *
 * @param channels the number of output channels
 * @param bias null if it has none
 */
record LinearLayer(Node node, int channels, Tensor weights, @Nullable Tensor bias) {

  /** The layer that gives a value, if it is one, its weights are constant and nobody else reads. */
  static Optional<LinearLayer> of(Scope scope, String value) {
    Node node = scope.graph().producer(value).orElse(null);
    if (node == null || !scope.isReadOnce(value)) {
      return Optional.empty();
    }
    Tensor weights = scope.constant(node.input(1)).orElse(null);
    if (weights == null || (weights.dtype() != DType.FLOAT32 && weights.dtype() != DType.FLOAT64)) {
      return Optional.empty();
    }
    Tensor bias = scope.constant(node.input(2)).orElse(null);
    if (node.hasInput(2) && bias == null) {
      return Optional.empty();
    }
    int channels = channels(node, weights.shape());
    boolean fits =
        channels > 0
            && (bias == null || (bias.size() == channels && bias.shape().dim(-1) == channels));
    return fits ? Optional.of(new LinearLayer(node, channels, weights, bias)) : Optional.empty();
  }

  private static int channels(Node node, Shape shape) {
    return switch (node.operator()) {
      case Conv conv when shape.rank() > 2 -> shape.dim(0);
      case ConvTranspose conv when shape.rank() > 2 && shape.dim(0) % conv.group() == 0 ->
          shape.dim(1) * conv.group();
      case Gemm gemm when gemm.beta() == 1 && shape.rank() == 2 -> shape.dim(gemm.transB() ? 0 : 1);
      case MatMul matMul when shape.rank() == 2 -> shape.dim(1);
      default -> -1;
    };
  }

  /** Where the output has its channels: 1 for feature maps, -1 for matrices. */
  int channelAxis() {
    return node.operator() instanceof Gemm || node.operator() instanceof MatMul ? -1 : 1;
  }

  /** True if the operator has a place for a bias. */
  boolean takesBias() {
    return !(node.operator() instanceof MatMul);
  }

  /**
   * The edit after which {@code last}, which reads the layer, is the layer itself: its output times
   * {@code scale} plus {@code shift}. Empty if a number would not be finite.
   */
  Optional<GraphPatch> fold(Scope scope, Node last, double[] scale, double[] shift) {
    boolean scales = Arrays.stream(scale).anyMatch(factor -> factor != 1);
    Tensor scaled = scales ? scaled(scale) : weights;
    Tensor shifted = Tensor.zeros(weights.dtype(), Shape.of(channels));
    boolean hasShift = bias != null;
    for (int c = 0; c < channels; c++) {
      shifted.setDouble(c, (bias == null ? 0 : bias.getDouble(c)) * scale[c] + shift[c]);
      hasShift |= shift[c] != 0;
    }
    if ((scales && !isFinite(scaled)) || !isFinite(shifted)) {
      return Optional.empty();
    }
    GraphPatch.Builder patch = GraphPatch.builder().remove(node).remove(last);
    Node folded = node;
    if (scales) {
      String weightName = scope.fresh(node.name() + "_weight");
      patch.initializer(weightName, scaled);
      folded = node.withInput(1, weightName);
    }
    if (!hasShift) {
      return Optional.of(patch.add(folded.withOutputs(List.of(last.output()))).build());
    }
    String biasName = scope.fresh(node.name() + "_bias");
    patch.initializer(biasName, shifted);
    if (takesBias()) {
      folded = folded.withInput(2, biasName).withOutputs(List.of(last.output()));
      return Optional.of(patch.add(folded).build());
    }
    Node add =
        Node.of(last.name(), new Add(), List.of(node.output(), biasName), List.of(last.output()));
    return Optional.of(patch.add(folded).add(add).build());
  }

  private Tensor scaled(double[] scale) {
    Tensor scaled = Tensor.zeros(weights.dtype(), weights.shape());
    for (int i = 0; i < scaled.size(); i++) {
      scaled.setDouble(i, weights.getDouble(i) * scale[channelOf(i)]);
    }
    return scaled;
  }

  /** The output channel that weight {@code index} works for. */
  private int channelOf(int index) {
    Shape shape = weights.shape();
    return switch (node.operator()) {
      case Conv conv -> index / shape.sizeBetween(1, shape.rank());
      case ConvTranspose conv -> {
        int inner = shape.sizeBetween(2, shape.rank());
        int within = index / inner % shape.dim(1);
        int group = index / inner / shape.dim(1) / (shape.dim(0) / conv.group());
        yield group * shape.dim(1) + within;
      }
      case Gemm gemm when gemm.transB() -> index / shape.dim(1);
      default -> index % shape.dim(1);
    };
  }

  /** True if every element is a finite number. */
  static boolean isFinite(Tensor tensor) {
    for (int i = 0; i < tensor.size(); i++) {
      if (!Double.isFinite(tensor.getDouble(i))) {
        return false;
      }
    }
    return true;
  }
}
