package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Dropout;
import dev.tinytitan.op.Expand;
import dev.tinytitan.op.Flatten;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Pad;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.Slice;
import dev.tinytitan.op.Squeeze;
import dev.tinytitan.op.Sub;
import dev.tinytitan.op.Sum;
import dev.tinytitan.op.Tile;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.op.Unsqueeze;
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
    return switch (node.operator()) {
      case Identity identity -> true;
      case Dropout dropout -> isInference(scope, node);
      case Cast cast -> scope.type(node.input(0)).filter(t -> t.dtype() == cast.to()).isPresent();
      case Concat concat -> node.inputs().size() == 1;
      case Sum sum -> node.inputs().size() == 1;
      case Transpose transpose -> isIdentity(scope, node, transpose);
      case Pad pad -> isAll(scope, node.input(1), 0);
      case Tile tile -> isAll(scope, node.input(1), 1);
      case Slice slice -> isWhole(scope, node);
      case Reshape reshape -> keepsShape(scope, node);
      case Flatten flatten -> keepsShape(scope, node);
      case Squeeze squeeze -> keepsShape(scope, node);
      case Unsqueeze unsqueeze -> keepsShape(scope, node);
      case Expand expand -> keepsShape(scope, node);
      // Not x + 0 and not 0 + x: they turn -0 into 0.
      case Sub sub -> scope.isScalar(node.input(1), 0) && keepsShape(scope, node);
      case Mul mul -> scope.isScalar(node.input(1), 1) && keepsShape(scope, node);
      case Div div -> scope.isScalar(node.input(1), 1) && keepsShape(scope, node);
      default -> false;
    };
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
    Optional<TensorType> before = scope.type(node.input(0)).filter(TensorType::hasRank);
    Optional<TensorType> after = scope.type(node.output()).filter(TensorType::hasRank);
    return before.isPresent() && before.equals(after);
  }

  private static boolean keepsStaticShape(Scope scope, Node node) {
    return scope.type(node.input(0)).filter(TensorType::isStatic).isPresent()
        && keepsShape(scope, node);
  }
}
