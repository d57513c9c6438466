package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.Celu;
import dev.tinytitan.op.Clip;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Elu;
import dev.tinytitan.op.FusedConv;
import dev.tinytitan.op.FusedMatMul;
import dev.tinytitan.op.Gelu;
import dev.tinytitan.op.HardSigmoid;
import dev.tinytitan.op.HardSwish;
import dev.tinytitan.op.LeakyRelu;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Mish;
import dev.tinytitan.op.QuantizedMatMul;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Selu;
import dev.tinytitan.op.Sigmoid;
import dev.tinytitan.op.Softplus;
import dev.tinytitan.op.Softsign;
import dev.tinytitan.op.Swish;
import dev.tinytitan.op.Tanh;
import dev.tinytitan.tensor.DType;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets a convolution or matrix product apply the activation after it while it writes its result.
 */
public record FuseActivations() implements Pass.OfNodes {
  /** The operators that {@link #activation} knows. */
  private static final Set<String> ACTIVATIONS =
      Set.of(
          "Clip",
          "Relu",
          "Celu",
          "Elu",
          "Gelu",
          "HardSigmoid",
          "HardSwish",
          "LeakyRelu",
          "Mish",
          "Selu",
          "Sigmoid",
          "Softplus",
          "Softsign",
          "Swish",
          "Tanh");

  @Override
  public String name() {
    return "fuse-activations";
  }

  @Override
  public String description() {
    return "Lets convolutions and matrix products apply the activation themselves.";
  }

  @Override
  public Set<String> startsAt() {
    return ACTIVATIONS;
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    Activation activation = activation(scope, node);
    Node layer = activation == null ? null : scope.graph().producer(node.input(0)).orElse(null);
    if (activation == null
        || layer == null
        || !scope.isReadOnce(node.input(0))
        || !isFloat32(scope.type(node.output()).orElse(null))) {
      return Optional.empty();
    }
    Operator fused = fused(layer.operator(), activation);
    return fused == null
        ? Optional.empty()
        : Optional.of(
            GraphPatch.builder()
                .remove(layer)
                .remove(node)
                .add(layer.withOperator(fused).withOutputs(node.outputs()))
                .build());
  }

  private static boolean isFloat32(@Nullable TensorType type) {
    return type != null && type.dtype() == DType.FLOAT32;
  }

  private static @Nullable Operator fused(Operator operator, Activation activation) {
    return switch (operator) {
      case Conv conv -> new FusedConv(conv.window(), conv.group(), activation);
      case MatMul product -> new FusedMatMul(false, 1, activation);
      case FusedConv fused when fused.activation().isNone() ->
          new FusedConv(fused.window(), fused.group(), activation);
      case FusedMatMul fused when fused.activation().isNone() ->
          new FusedMatMul(fused.transB(), fused.alpha(), activation);
      case QuantizedMatMul product when product.activation().isNone() ->
          product.withActivation(activation);
      default -> null;
    };
  }

  /** The activation that a node is; null for other element-wise functions, which stay apart. */
  private static @Nullable Activation activation(Scope scope, Node node) {
    return switch (node.operator()) {
      case Clip clip -> range(scope, node);
      case Relu f -> Activation.RELU;
      case Celu f -> Activation.of(f);
      case Elu f -> Activation.of(f);
      case Gelu f -> Activation.of(f);
      case HardSigmoid f -> Activation.of(f);
      case HardSwish f -> Activation.of(f);
      case LeakyRelu f -> Activation.of(f);
      case Mish f -> Activation.of(f);
      case Selu f -> Activation.of(f);
      case Sigmoid f -> Activation.of(f);
      case Softplus f -> Activation.of(f);
      case Softsign f -> Activation.of(f);
      case Swish f -> Activation.of(f);
      case Tanh f -> Activation.of(f);
      default -> null;
    };
  }

  /** The range that a Clip with constant bounds cuts to; null if a bound is not constant. */
  static Activation.@Nullable Clip range(Scope scope, Node clip) {
    OptionalDouble min = scope.scalar(clip.input(1));
    OptionalDouble max = scope.scalar(clip.input(2));
    boolean known =
        (min.isPresent() || !clip.hasInput(1)) && (max.isPresent() || !clip.hasInput(2));
    float low = (float) min.orElse(Double.NEGATIVE_INFINITY);
    float high = (float) max.orElse(Double.POSITIVE_INFINITY);
    return known && low <= high ? new Activation.Clip(low, high) : null;
  }
}
