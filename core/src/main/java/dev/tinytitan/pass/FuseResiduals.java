package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.FusedConv;
import dev.tinytitan.op.FusedMatMul;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.QuantizedMatMul;
import dev.tinytitan.tensor.DType;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets a convolution or matrix product add the other branch of a residual connection to its result
 * while it writes it. Of two that could, the later one does: the other branch is there by then.
 */
public record FuseResiduals() implements Pass.OfNodes {
  @Override
  public String name() {
    return "fuse-residuals";
  }

  @Override
  public String description() {
    return "Lets convolutions and matrix products add the residual themselves.";
  }

  @Override
  public Set<String> startsAt() {
    return Set.of("Add");
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node add) {
    if (!(add.operator() instanceof Add)) {
      return Optional.empty();
    }
    Node first = layer(scope, add.input(0), add.input(1));
    Node second = layer(scope, add.input(1), add.input(0));
    List<Node> order = scope.graph().nodes();
    boolean takeSecond =
        second != null && (first == null || order.indexOf(second) > order.indexOf(first));
    Node layer = takeSecond || first == null ? second : first;
    if (layer == null) {
      return Optional.empty();
    }
    String residual = add.input(takeSecond ? 0 : 1);
    Operator operator = fused(layer.operator());
    return Optional.of(
        GraphPatch.builder()
            .remove(layer)
            .remove(add)
            .add(
                layer
                    .withOperator(operator)
                    .withInput(residualIndex(operator), residual)
                    .withOutputs(add.outputs()))
            .build());
  }

  /** The node that gives a value, if it can add the residual; else null. */
  private static @Nullable Node layer(Scope scope, String value, String residual) {
    Node node = scope.graph().producer(value).orElse(null);
    boolean can =
        node != null
            && scope.isReadOnce(value)
            && takesResidual(node)
            && isSameShape(scope, value, residual);
    return can ? node : null;
  }

  private static boolean takesResidual(Node node) {
    return switch (node.operator()) {
      case Conv conv -> true;
      case MatMul product -> true;
      case FusedConv fused -> fused.activation().isNone() && !node.hasInput(3);
      case FusedMatMul fused -> fused.activation().isNone() && !node.hasInput(3);
      case QuantizedMatMul product ->
          product.activation().isNone() && !node.hasInput(residualIndex(product));
      default -> false;
    };
  }

  private static int residualIndex(Operator fused) {
    return fused instanceof QuantizedMatMul ? QuantizedMatMul.RESIDUAL : 3;
  }

  private static Operator fused(Operator operator) {
    return switch (operator) {
      case Conv conv -> new FusedConv(conv.window(), conv.group(), Activation.NONE);
      case MatMul product -> new FusedMatMul(false, 1, Activation.NONE);
      default -> operator;
    };
  }

  private static boolean isSameShape(Scope scope, String value, String residual) {
    TensorType type = scope.type(value).filter(TensorType::hasRank).orElse(null);
    return type != null
        && type.dtype() == DType.FLOAT32
        && scope.type(residual).filter(type::equals).isPresent();
  }
}
