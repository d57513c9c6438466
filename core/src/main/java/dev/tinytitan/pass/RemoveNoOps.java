package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Removes nodes that give their first input unchanged. */
public record RemoveNoOps() implements Pass.OfNodes {
  @Override
  public String name() {
    return "remove-no-ops";
  }

  @Override
  public String description() {
    return "Removes nodes that give their input unchanged.";
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    return isNoOp(scope, node)
        ? Optional.of(
            GraphPatch.builder().remove(node).rename(node.output(), node.input(0)).build())
        : Optional.empty();
  }

  private static boolean isNoOp(Scope scope, Node node) {
    // By name: a switch over classes would load them all while a small model starts.
    return switch (node.operator().spec().name()) {
      case "Identity" -> true;
      case "Dropout" -> isInference(scope, node);
      case "Cast" -> isSame(scope, node, (Cast) node.operator());
      case "Concat", "Sum" -> node.inputs().size() == 1;
      case "Transpose" -> isIdentity(scope, node, (Transpose) node.operator());
      case "Pad" -> isAll(scope, node.input(1), 0);
      case "Tile" -> isAll(scope, node.input(1), 1);
      case "Slice" -> isWhole(scope, node);
      case "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand" -> keepsShape(scope, node);
      // Not x + 0 and not 0 + x: they turn -0 into 0.
      case "Sub" -> scope.isScalar(node.input(1), 0) && keepsShape(scope, node);
      case "Mul", "Div" -> scope.isScalar(node.input(1), 1) && keepsShape(scope, node);
      default -> false;
    };
  }

  private static Optional<TensorType> ranked(Scope scope, String value) {
    TensorType type = scope.type(value).orElse(null);
    return type != null && type.hasRank() ? Optional.of(type) : Optional.empty();
  }

  private static boolean isSame(Scope scope, Node node, Cast cast) {
    TensorType type = scope.type(node.input(0)).orElse(null);
    return type != null && type.dtype() == cast.to();
  }

  private static boolean isInference(Scope scope, Node node) {
    boolean mask = !node.output(1).isEmpty();
    return !mask
        && (!node.hasInput(2)
            || scope
                .constant(node.input(2))
                .filter(t -> t.size() == 1 && !t.getBoolean(0))
                .isPresent());
  }

  private static boolean isIdentity(Scope scope, Node node, Transpose transpose) {
    List<Integer> perm = transpose.perm();
    if (perm.isEmpty()) {
      return scope.rank(node.input(0)) == 0 || scope.rank(node.input(0)) == 1;
    }
    for (int i = 0; i < perm.size(); i++) {
      if (perm.get(i) != i) {
        return false;
      }
    }
    return true;
  }

  private static boolean isAll(Scope scope, String value, long number) {
    return scope
        .constant(value)
        .filter(tensor -> Arrays.stream(tensor.toLongArray()).allMatch(n -> n == number))
        .isPresent();
  }

  private static boolean isWhole(Scope scope, Node node) {
    Optional<Tensor> starts = scope.constant(node.input(1));
    Optional<Tensor> ends = scope.constant(node.input(2));
    boolean steps = !node.hasInput(4) || isAll(scope, node.input(4), 1);
    if (starts.isEmpty() || ends.isEmpty() || !steps || !isAll(scope, node.input(1), 0)) {
      return false;
    }
    return Arrays.stream(ends.get().toLongArray()).allMatch(end -> end >= Integer.MAX_VALUE)
        || keepsStaticShape(scope, node);
  }

  /** True if input and output are known to have the same shape, symbols included. */
  private static boolean keepsShape(Scope scope, Node node) {
    Optional<TensorType> before = ranked(scope, node.input(0));
    Optional<TensorType> after = ranked(scope, node.output());
    return before.isPresent() && before.equals(after);
  }

  private static boolean keepsStaticShape(Scope scope, Node node) {
    return scope.type(node.input(0)).filter(TensorType::isStatic).isPresent()
        && keepsShape(scope, node);
  }
}
