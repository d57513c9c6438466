package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Cast;
import dev.tinytitan.tensor.DType;
import java.util.Optional;
import java.util.Set;

/**
 * Skips the first of two casts in a row where it loses nothing: its type holds every value of the
 * type before it.
 */
public record RemoveCasts() implements Pass.OfNodes {
  @Override
  public String name() {
    return "remove-casts";
  }

  @Override
  public String description() {
    return "Skips casts to a wider type that are cast again.";
  }

  @Override
  public Set<String> startsAt() {
    return Set.of("Cast");
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    if (!(node.operator() instanceof Cast)) {
      return Optional.empty();
    }
    Node first = scope.producer(node.input(0), Cast.class).orElse(null);
    if (first == null) {
      return Optional.empty();
    }
    DType from = scope.type(first.input(0)).map(TensorType::dtype).orElse(null);
    return from != null && holds(((Cast) first.operator()).to(), from)
        ? Optional.of(GraphPatch.replace(node, node.withInput(0, first.input(0))))
        : Optional.empty();
  }

  /**
   * True if every value of {@code narrow} is one of {@code wide}, and casts alike from both. Never
   * from integers to floats: cast on to another integer type, the one wraps where the other
   * saturates.
   */
  static boolean holds(DType wide, DType narrow) {
    if (wide == narrow) {
      return true;
    }
    if (narrow == DType.BOOL) {
      return wide.isInteger() || wide == DType.FLOAT32 || wide == DType.FLOAT64;
    }
    if (narrow.isInteger() && wide.isInteger()) {
      return wide.bits() > narrow.bits() && (narrow.isUnsigned() || !wide.isUnsigned());
    }
    return (wide == DType.FLOAT32 && (narrow == DType.FLOAT16 || narrow == DType.BFLOAT16))
        || (wide == DType.FLOAT64
            && (narrow == DType.FLOAT32 || narrow == DType.FLOAT16 || narrow == DType.BFLOAT16));
  }
}
