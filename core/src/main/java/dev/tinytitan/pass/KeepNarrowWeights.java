package dev.tinytitan.pass;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.DequantizedMatMul;
import dev.tinytitan.op.FusedMatMul;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Weights of 8 or 4 bits stay narrow: a matrix product dequantizes its matrix on the way, and rows
 * of a table are dequantized after they were picked, not before.
 */
public record KeepNarrowWeights() implements Pass.OfNodes {
  /** Smaller matrices are widened: floats are multiplied sooner, and weigh little. */
  private static final int FEWEST = 4096;

  @Override
  public String name() {
    return "keep-narrow-weights";
  }

  @Override
  public String description() {
    return "Leaves quantized weights in few bits and dequantizes them where they are used.";
  }

  @Override
  public Set<String> startsAt() {
    return Set.of("Gather", "MatMul", "FusedMatMul");
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    return switch (node.operator()) {
      case Gather gather -> ofGather(scope, node, gather);
      case MatMul product -> ofProduct(scope, node, new FusedMatMul(false, 1, Activation.NONE));
      case FusedMatMul product -> ofProduct(scope, node, product);
      default -> Optional.empty();
    };
  }

  /**
   * True if this dequantization is of a large matrix that only products and tables read, so that it
   * should wait for this pass.
   */
  static boolean mayKeep(Graph graph, Node dequantize) {
    if (matrix(graph, dequantize) == null || graph.isOutput(dequantize.output())) {
      return false;
    }
    for (Node reader : graph.consumers(dequantize.output())) {
      int place =
          switch (reader.operator()) {
            case Gather gather -> 0;
            case MatMul product -> 1;
            case FusedMatMul product -> 1;
            case Gemm product -> 1;
            default -> -1;
          };
      if (reader.inputs().indexOf(dequantize.output()) != place
          || reader.inputs().lastIndexOf(dequantize.output()) != place) {
        return false;
      }
    }
    return true;
  }

  /** The integers, if they are a large constant matrix with constant scales; else null. */
  private static @Nullable Tensor matrix(Graph graph, Node dequantize) {
    Tensor matrix = graph.constant(dequantize.input(0)).orElse(null);
    Tensor scale = graph.constant(dequantize.input(1)).orElse(null);
    boolean fits =
        matrix != null
            && matrix.shape().rank() == 2
            && matrix.size() >= FEWEST
            && (matrix.dtype().bits() == 8 || matrix.dtype().bits() == 4)
            && matrix.dtype().isInteger()
            && scale != null
            && scale.dtype() == DType.FLOAT32
            && ((DequantizeLinear) dequantize.operator()).outputDType() != DType.FLOAT64
            && (!dequantize.hasInput(2) || graph.constant(dequantize.input(2)).isPresent());
    return fits ? matrix : null;
  }

  private static boolean isFloat(Scope scope, String value) {
    return scope.type(value).filter(type -> type.dtype() == DType.FLOAT32).isPresent();
  }

  private static Optional<GraphPatch> ofProduct(Scope scope, Node node, FusedMatMul product) {
    Node dequantize = scope.producer(node.input(1), DequantizeLinear.class).orElse(null);
    Tensor matrix = dequantize == null ? null : matrix(scope.graph(), dequantize);
    if (dequantize == null
        || matrix == null
        || !isFloat(scope, node.input(0))
        || !isFloat(scope, node.input(1))
        || (node.hasInput(2) && scope.constant(node.input(2)).isEmpty())) {
      return Optional.empty();
    }
    DequantizeLinear weights = (DequantizeLinear) dequantize.operator();
    int axis = Math.floorMod(weights.axis(), 2);
    int inner = product.transB() ? 1 : 0;
    boolean single = scope.constant(dequantize.input(1)).orElseThrow().size() == 1;
    if (weights.blockSize() > 0 ? axis != inner : !single && axis == inner) {
      return Optional.empty();
    }
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(1, dequantize.input(0));
    while (inputs.size() < DequantizedMatMul.SCALE) {
      inputs.add("");
    }
    inputs.addAll(dequantize.inputs().subList(1, dequantize.inputs().size()));
    return Optional.of(
        GraphPatch.replace(
            node, node.withOperator(new DequantizedMatMul(weights, product)).withInputs(inputs)));
  }

  private static Optional<GraphPatch> ofGather(Scope scope, Node node, Gather gather) {
    Node dequantize = scope.producer(node.input(0), DequantizeLinear.class).orElse(null);
    Tensor matrix = dequantize == null ? null : matrix(scope.graph(), dequantize);
    TensorType type = scope.type(node.input(1)).orElse(null);
    if (dequantize == null
        || matrix == null
        || !isFloat(scope, node.input(0))
        || Math.floorMod(gather.axis(), 2) != 0
        || type == null
        || !type.hasRank()) {
      return Optional.empty();
    }
    DequantizeLinear weights = (DequantizeLinear) dequantize.operator();
    int axis = Math.floorMod(weights.axis(), 2);
    boolean single = scope.constant(dequantize.input(1)).orElseThrow().size() == 1;
    boolean byRow = !single && weights.blockSize() == 0 && axis == 0;
    if (weights.blockSize() > 0 && axis == 0) {
      return Optional.empty();
    }
    GraphPatch.Builder patch = GraphPatch.builder().remove(node);
    String integers = scope.fresh(node.output() + "_integers");
    patch.add(node.withInput(0, dequantize.input(0)).withOutputs(List.of(integers)));
    List<String> inputs = new ArrayList<>(List.of(integers));
    for (String factor : dequantize.inputs().subList(1, dequantize.inputs().size())) {
      Tensor values = scope.constant(factor).orElse(null);
      if (values == null || values.size() == 1 || (weights.blockSize() == 0 && !byRow)) {
        inputs.add(factor);
        continue;
      }
      String column = factor;
      if (byRow) {
        column = scope.fresh(factor + "_column");
        patch.initializer(column, values.reshape(Shape.of(values.size(), 1)));
      }
      String picked = scope.fresh(factor + "_picked");
      patch.add(Node.of(picked, new Gather(0), List.of(column, node.input(1)), List.of(picked)));
      inputs.add(picked);
    }
    DequantizeLinear last =
        new DequantizeLinear(
            type.rank(),
            byRow ? matrix.shape().dim(1) : weights.blockSize(),
            weights.outputDType());
    String name = scope.fresh(node.name() + "_dequantized");
    return Optional.of(patch.add(Node.of(name, last, inputs, node.outputs())).build());
  }
}
