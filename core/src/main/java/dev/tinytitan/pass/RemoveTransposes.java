package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.BinaryOperator;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Clip;
import dev.tinytitan.op.Comparison;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.op.UnaryOperator;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Moves transposes down through element-wise nodes until they meet another transpose, and makes one
 * of two that meet: where they undo each other, none is left (models converted from channels-last
 * formats are full of such pairs). A transpose that meets nothing costs the same below an
 * element-wise node as above it.
 */
public record RemoveTransposes() implements Pass.OfNodes {
  @Override
  public String name() {
    return "remove-transposes";
  }

  @Override
  public String description() {
    return "Moves transposes together and lets them cancel each other.";
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    if (node.operator() instanceof Transpose) {
      return merge(scope, node);
    }
    // First, because most models have no Transpose: then the other classes need not be loaded.
    boolean below =
        scope.producer(node.input(0), Transpose.class).isPresent()
            || scope.producer(node.input(1), Transpose.class).isPresent();
    return below && node.outputs().size() == 1 && isElementWise(scope, node)
        ? sink(scope, node)
        : Optional.empty();
  }

  private static Optional<GraphPatch> merge(Scope scope, Node node) {
    Node above = scope.producer(node.input(0), Transpose.class).orElse(null);
    if (above == null) {
      return Optional.empty();
    }
    List<Integer> first = perm(scope, above);
    List<Integer> then = perm(scope, node);
    if (first == null || then == null || first.size() != then.size()) {
      return Optional.empty();
    }
    List<Integer> both = then.stream().map(first::get).toList();
    Node merged = node.withOperator(new Transpose(both)).withInput(0, above.input(0));
    return Optional.of(GraphPatch.replace(node, merged));
  }

  /** The permutation of a transpose, written out; null if it is not known, or none. */
  static @Nullable List<Integer> perm(Scope scope, Node transpose) {
    List<Integer> perm = ((Transpose) transpose.operator()).perm();
    if (!perm.isEmpty()) {
      for (int i = 0; i < perm.size(); i++) {
        if (!perm.contains(i)) {
          return null;
        }
      }
      return perm;
    }
    int rank = scope.rank(transpose.input(0));
    if (rank < 0) {
      return null;
    }
    List<Integer> reversed = new ArrayList<>();
    for (int i = rank - 1; i >= 0; i--) {
      reversed.add(i);
    }
    return reversed;
  }

  private static boolean isElementWise(Scope scope, Node node) {
    return switch (node.operator()) {
      case UnaryOperator unary -> true;
      case BinaryOperator binary -> true;
      case Comparison comparison -> true;
      // Not below what makes elements wider: there would be more to move.
      case Cast cast ->
          scope.type(node.input(0)).filter(t -> t.dtype().bits() >= cast.to().bits()).isPresent();
      case Clip clip -> true;
      case QuantizeLinear quantize ->
          scope.constant(node.input(1)).filter(scale -> scale.shape().rank() == 0).isPresent();
      default -> false;
    };
  }

  /** The node on what the transposes above it read, and one transpose below it. */
  private static Optional<GraphPatch> sink(Scope scope, Node node) {
    Node above = scope.soleProducer(node.input(0), Transpose.class).orElse(null);
    boolean binary =
        node.operator() instanceof BinaryOperator || node.operator() instanceof Comparison;
    if (above == null && binary) {
      above = scope.soleProducer(node.input(1), Transpose.class).orElse(null);
    }
    List<Integer> perm = above == null ? null : perm(scope, above);
    if (above == null || perm == null) {
      return Optional.empty();
    }
    List<String> inputs = new ArrayList<>(node.inputs());
    for (int i = 0; i < (binary ? 2 : 1); i++) {
      String source = untransposed(scope, node.input(i), perm);
      if (source == null) {
        return Optional.empty();
      }
      inputs.set(i, source);
    }
    String inner = scope.fresh(node.output() + "_untransposed");
    return Optional.of(
        GraphPatch.builder()
            .remove(node)
            .add(new Node(node.name(), node.operator(), inputs, List.of(inner), node.doc()))
            .add(
                Node.of(
                    scope.fresh(above.name()),
                    new Transpose(perm),
                    List.of(inner),
                    List.of(node.output())))
            .build());
  }

  /** The value whose transpose by {@code perm} this one is; null if there is none. */
  private static @Nullable String untransposed(Scope scope, String value, List<Integer> perm) {
    Node transpose = scope.soleProducer(value, Transpose.class).orElse(null);
    if (transpose != null && perm.equals(perm(scope, transpose))) {
      return transpose.input(0);
    }
    // One number is the same however it is turned, as long as it does not add dimensions.
    Tensor constant = scope.constant(value).orElse(null);
    return constant != null && constant.size() == 1 && constant.shape().rank() <= perm.size()
        ? value
        : null;
  }
}
