package dev.tinytitan.pass;

import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.LayerNormalization;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Pow;
import dev.tinytitan.op.RMSNormalization;
import dev.tinytitan.op.Reciprocal;
import dev.tinytitan.op.ReduceMean;
import dev.tinytitan.op.Sqrt;
import dev.tinytitan.op.Sub;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes layer normalization (Ba et al. 2016, arXiv:1607.06450) and root-mean-square
 * normalization (Zhang and Sennrich 2019, arXiv:1910.07467) over the last dimension, exported in
 * pieces: {@code d / sqrt(mean(d²) + ε)}, where d is the input less its mean, or the input itself;
 * division also as multiplication by the reciprocal, the square as Pow or Mul; with the scale and
 * the bias after it, where they are there.
 */
public record RecognizeLayerNormalization() implements Pass.OfNodes {
  @Override
  public String name() {
    return "recognize-layer-normalization";
  }

  @Override
  public String description() {
    return "Recognizes layer and RMS normalization that was exported in pieces.";
  }

  /** {@code deviation / sqrt(mean(deviation²) + epsilon)}. */
  private record Normalized(String deviation, float epsilon) {}

  @Override
  public Set<String> startsAt() {
    return Set.of("Div", "Mul");
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    Normalized normalized = normalized(scope, node);
    if (normalized == null) {
      return Optional.empty();
    }
    String centered = centered(scope, normalized.deviation);
    String x = centered == null ? normalized.deviation : centered;
    TensorType type = scope.type(x).filter(TensorType::hasRank).orElse(null);
    // The reference sums in float64; float16 in pieces would have lost more than a fusion may add.
    if (type == null || type.rank() == 0 || type.dtype() != DType.FLOAT32) {
      return Optional.empty();
    }
    GraphPatch.Builder patch = GraphPatch.builder().remove(node);
    Node last = node;
    String scale = null;
    String bias = null;
    Node mul = scope.soleReader(node.output(), Mul.class).orElse(null);
    if (mul != null) {
      scale = vector(scope, mul, last.output(), type.dim(-1));
      last = scale == null ? last : mul;
    }
    Node add = scope.soleReader(last.output(), Add.class).orElse(null);
    if (add != null && centered != null) {
      bias = vector(scope, add, last.output(), type.dim(-1));
      last = bias == null ? last : add;
    }
    if (scale == null) {
      if (!type.dim(-1).isFixed()) {
        return Optional.empty();
      }
      scale = scope.fresh(node.output() + "_scale");
      patch.initializer(scale, ones(type.dim(-1).size()));
    }
    List<String> inputs = new ArrayList<>(List.of(x, scale));
    if (bias != null) {
      inputs.add(bias);
    }
    Operator operator =
        centered == null
            ? new RMSNormalization(-1, normalized.epsilon, DType.FLOAT32)
            : new LayerNormalization(-1, normalized.epsilon, DType.FLOAT32);
    patch.add(Node.of(last.name(), operator, inputs, List.of(last.output())));
    return Optional.of((last == node ? patch : patch.remove(last)).build());
  }

  private static @Nullable Normalized normalized(Scope scope, Node node) {
    if (node.operator() instanceof Div) {
      return normalized(scope, node.input(0), rootOf(scope, node.input(1)));
    }
    if (node.operator() instanceof Mul) {
      for (int i = 0; i < 2; i++) {
        Normalized found =
            normalized(scope, node.input(i), rootOf(scope, reciprocal(scope, node.input(1 - i))));
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  /** The denominator of {@code 1 / denominator}; empty if the value is none. */
  private static String reciprocal(Scope scope, String value) {
    Node node = scope.graph().producer(value).orElse(null);
    if (node != null && node.operator() instanceof Reciprocal) {
      return node.input(0);
    }
    return node != null && node.operator() instanceof Div && scope.isScalar(node.input(0), 1)
        ? node.input(1)
        : "";
  }

  /** What is under a root, written as Sqrt or as Pow; empty if the value is none. */
  private static String rootOf(Scope scope, String value) {
    return scope
        .graph()
        .producer(value)
        .filter(node ->
            node.operator() instanceof Sqrt
                || (node.operator() instanceof Pow && scope.isScalar(node.input(1), 0.5)))
        .map(node -> node.input(0))
        .orElse("");
  }

  /** Recognizes {@code mean(deviation²) + epsilon}. */
  private static @Nullable Normalized normalized(Scope scope, String deviation, String sum) {
    Node add = scope.producer(sum, Add.class).orElse(null);
    if (add == null) {
      return null;
    }
    for (int i = 0; i < 2; i++) {
      OptionalDouble epsilon = scope.scalar(add.input(1 - i));
      String square = meanOf(scope, add.input(i));
      if (epsilon.isPresent() && isSquare(scope, square, deviation)) {
        return new Normalized(deviation, (float) epsilon.getAsDouble());
      }
    }
    return null;
  }

  private static boolean isSquare(Scope scope, String value, String of) {
    Node node = scope.graph().producer(value).orElse(null);
    if (node == null || !node.input(0).equals(of)) {
      return false;
    }
    return (node.operator() instanceof Pow && scope.isScalar(node.input(1), 2))
        || (node.operator() instanceof Mul && node.input(1).equals(of));
  }

  /** What a value is the mean of, along the last dimension, which stays; empty if it is none. */
  private static String meanOf(Scope scope, String value) {
    Node node = scope.producer(value, ReduceMean.class).orElse(null);
    if (node == null || !((ReduceMean) node.operator()).keepDims()) {
      return "";
    }
    Tensor axes = scope.constant(node.input(1)).orElse(null);
    boolean last =
        axes != null
            && axes.size() == 1
            && (axes.getLong(0) == -1 || axes.getLong(0) == scope.rank(node.input(0)) - 1);
    return last ? node.input(0) : "";
  }

  /** The x of {@code x - mean(x)}; null if the value is another. */
  private static @Nullable String centered(Scope scope, String value) {
    Node sub = scope.producer(value, Sub.class).orElse(null);
    return sub != null && meanOf(scope, sub.input(1)).equals(sub.input(0)) ? sub.input(0) : null;
  }

  /** The other operand, if it is a constant with one element for each column; else null. */
  private static @Nullable String vector(Scope scope, Node node, String value, Dim columns) {
    String other = node.input(node.input(0).equals(value) ? 1 : 0);
    Tensor tensor = scope.constant(other).orElse(null);
    boolean fits =
        tensor != null
            && tensor.shape().rank() == 1
            && columns.isFixed()
            && tensor.size() == columns.size();
    return fits ? other : null;
  }

  private static Tensor ones(int size) {
    Tensor ones = Tensor.zeros(DType.FLOAT32, Shape.of(size));
    for (int i = 0; i < size; i++) {
      ones.setFloat(i, 1);
    }
    return ones;
  }
}
