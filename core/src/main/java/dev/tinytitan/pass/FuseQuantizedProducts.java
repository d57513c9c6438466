package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.DynamicQuantizeLinear;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.QuantizedMatMul;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.Squeeze;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.op.Unsqueeze;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes one operator with exact integer sums of a matrix product of two DequantizeLinear whose
 * result stays float, as it does around the LayerNorms and the attention of transformers: {@link
 * QuantizedMatMul} with a given grid. Sums of rounded products become exact sums, rounded once;
 * ONNX Runtime does the same (MatMulIntegerToFloat). Groups that end in QuantizeLinear are {@link
 * RecognizeIntegerOperators}', which has run before.
 *
 * <p>The product quantizes its rows itself. So it reads what QuantizeLinear reads, also past
 * operators that only move elements, which go back to floats: the patterns that are looked for
 * later then see what the model had there.
 */
public record FuseQuantizedProducts() implements Pass.OfNodes {
  /** Moves between QuantizeLinear and the product that are looked past. */
  private static final int MAX_MOVES = 4;

  @Override
  public String name() {
    return "fuse-quantized-products";
  }

  @Override
  public String description() {
    return "Makes one operator of a matrix product of quantized factors with a float result.";
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    boolean product =
        node.operator() instanceof MatMul
            || (node.operator() instanceof Gemm gemm
                && gemm.alpha() == 1
                && (gemm.beta() == 1 || !node.hasInput(2))
                && !gemm.transA()
                && !gemm.transB());
    Node dequantize =
        product ? scope.producer(node.input(0), DequantizeLinear.class).orElse(null) : null;
    QuantizationGrid grid =
        dequantize == null ? null : QuantizationGrid.ofInput(scope, dequantize).orElse(null);
    if (dequantize == null || grid == null || scope.rank(node.input(1)) != 2) {
      return Optional.empty();
    }
    QuantizedWeights weights = QuantizedWeights.of(scope, node.input(1), 1).orElse(null);
    if (weights == null || scope.constant(weights.value()).isEmpty()) {
      return Optional.empty();
    }
    GraphPatch.Builder patch = GraphPatch.builder().remove(node);
    List<String> inputs = new ArrayList<>(List.of(source(scope, patch, dequantize, grid)));
    inputs.addAll(weights.factor(scope, patch, node));
    Node last = node;
    String bias = node.input(2);
    Node add = bias.isEmpty() ? scope.soleReader(node.output(), Add.class).orElse(null) : null;
    if (add != null && isBias(scope, other(add, node.output()), weights.channels())) {
      bias = other(add, node.output());
      patch.remove(add);
      last = add;
    }
    if (!bias.isEmpty()) {
      if (!isBias(scope, bias, weights.channels())) {
        return Optional.empty();
      }
      inputs.add(bias);
    } else if (inputs.getLast().isEmpty()) {
      inputs.removeLast();
    }
    QuantizedMatMul operator =
        new QuantizedMatMul(
            Activation.NONE, new DynamicQuantizeLinear.Parameters(grid.scale(), unsigned(grid)));
    return Optional.of(patch.add(Node.of(node.name(), operator, inputs, last.outputs())).build());
  }

  /** The zero point on the grid of uint8: int8 steps are 128 less. */
  private static int unsigned(QuantizationGrid grid) {
    return grid.zeroPoint() + (grid.dtype() == DType.INT8 ? 128 : 0);
  }

  /** The float value whose quantization on the grid is what a DequantizeLinear reads. */
  private static String source(
      Scope scope, GraphPatch.Builder patch, Node dequantize, QuantizationGrid grid) {
    List<Node> moves = new ArrayList<>();
    String value = dequantize.input(0);
    Node node = scope.graph().producer(value).orElse(null);
    while (node != null && isMove(node) && scope.isReadOnce(value) && moves.size() < MAX_MOVES) {
      moves.add(node);
      value = node.input(0);
      node = scope.graph().producer(value).orElse(null);
    }
    if (node == null
        || !(node.operator() instanceof QuantizeLinear)
        || (!moves.isEmpty() && !scope.isReadOnce(value))
        || QuantizationGrid.ofOutput(scope, node).filter(grid::equals).isEmpty()) {
      return dequantize.output();
    }
    String source = node.input(0);
    for (Node move : moves.reversed()) {
      String moved = scope.fresh(move.output() + "_float");
      patch.add(
          Node.of(
              scope.fresh(move.name() + "_float"),
              move.operator(),
              move.withInput(0, source).inputs(),
              List.of(moved)));
      source = moved;
    }
    return source;
  }

  private static boolean isMove(Node node) {
    return switch (node.operator()) {
      case Reshape move -> true;
      case Squeeze move -> true;
      case Transpose move -> true;
      case Unsqueeze move -> true;
      default -> false;
    };
  }

  private static String other(Node add, String value) {
    return add.input(add.input(0).equals(value) ? 1 : 0);
  }

  private static boolean isBias(Scope scope, String value, int columns) {
    Tensor tensor = scope.constant(value).orElse(null);
    return tensor != null
        && tensor.dtype() == DType.FLOAT32
        && tensor.shape().rank() == 1
        && tensor.size() == columns;
  }
}
