package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.FusedAttention;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes scaled dot-product attention over several heads as PyTorch and Hugging Face export it
 * for encoders: queries, keys and values of {@code [batch, sequence, heads · d]} are reshaped and
 * transposed apart into heads, multiplied, scaled (before or after), masked by addition, sent
 * through softmax, multiplied again, and transposed and reshaped together. All of it becomes one
 * operator on the values before they were taken apart.
 */
public record RecognizeAttention() implements Pass.OfNodes {
  private static final List<Integer> HEADS_OUT = List.of(0, 2, 1, 3);
  private static final List<Integer> HEADS_OUT_TURNED = List.of(0, 2, 3, 1);

  /** A value {@code [batch, sequence, heads · size]}, taken apart and multiplied by a number. */
  private record Heads(String source, int heads, int size, double scale) {}

  /** A value and the number that it was multiplied by. */
  private record Scaled(String value, double scale) {}

  /** Scores of queries by keys. */
  private record Scores(Heads queries, Heads keys, double scale) {}

  @Override
  public String name() {
    return "recognize-attention";
  }

  @Override
  public String description() {
    return "Recognizes multi-head attention with the reshapes and transposes around it.";
  }

  @Override
  public Set<String> startsAt() {
    return Set.of("Reshape");
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    Node transpose =
        node.operator() instanceof Reshape
            ? scope.producer(node.input(0), Transpose.class).orElse(null)
            : null;
    if (transpose == null || !HEADS_OUT.equals(RemoveTransposes.perm(scope, transpose))) {
      return Optional.empty();
    }
    Node product = scope.producer(transpose.input(0), MatMul.class).orElse(null);
    Node softmax =
        product == null ? null : scope.soleProducer(product.input(0), Softmax.class).orElse(null);
    if (product == null || softmax == null || !isLast(((Softmax) softmax.operator()).axis())) {
      return Optional.empty();
    }
    Heads values = heads(scope, product.input(1), HEADS_OUT);
    if (values == null || !joinsHeads(scope, node, values)) {
      return Optional.empty();
    }
    String mask = null;
    Scores scores = scores(scope, softmax.input(0));
    Node add = scope.producer(softmax.input(0), Add.class).orElse(null);
    for (int i = 0; i < 2 && add != null && scores == null; i++) {
      if (isMask(scope, add.input(1 - i), add.input(i))) {
        scores = scores(scope, add.input(i));
        mask = add.input(1 - i);
      }
    }
    if (scores == null
        || scores.queries.heads != values.heads
        || scores.keys.heads != values.heads
        || scores.keys.size != scores.queries.size) {
      return Optional.empty();
    }
    double scale = scores.scale * scores.queries.scale * scores.keys.scale;
    // A factor of the values would be one of the result, which has no place for it.
    if (values.scale != 1) {
      return Optional.empty();
    }
    List<String> inputs =
        new ArrayList<>(List.of(scores.queries.source, scores.keys.source, values.source));
    if (mask != null) {
      inputs.add(mask);
    }
    return Optional.of(
        GraphPatch.replace(
            node,
            node.withOperator(new FusedAttention(values.heads, (float) scale, false))
                .withInputs(inputs)));
  }

  private static boolean isLast(int axis) {
    return axis == -1 || axis == 3;
  }

  private static @Nullable Scores scores(Scope scope, String value) {
    Scaled scaled = unscale(scope, value);
    Node product = scope.producer(scaled.value, MatMul.class).orElse(null);
    if (product == null) {
      return null;
    }
    Heads queries = heads(scope, product.input(0), HEADS_OUT);
    Heads keys = heads(scope, product.input(1), HEADS_OUT_TURNED);
    return queries == null || keys == null ? null : new Scores(queries, keys, scaled.scale);
  }

  /** Goes up through multiplications and divisions by a number. */
  private static Scaled unscale(Scope scope, String value) {
    String current = value;
    double scale = 1;
    while (true) {
      Node node = scope.graph().producer(current).orElse(null);
      if (node != null
          && node.operator() instanceof Mul
          && scope.scalar(node.input(1)).isPresent()) {
        scale *= scope.scalar(node.input(1)).getAsDouble();
        current = node.input(0);
      } else if (node != null
          && node.operator() instanceof Mul
          && scope.scalar(node.input(0)).isPresent()) {
        scale *= scope.scalar(node.input(0)).getAsDouble();
        current = node.input(1);
      } else if (node != null
          && node.operator() instanceof Div
          && scope.scalar(node.input(1)).isPresent()) {
        scale /= scope.scalar(node.input(1)).getAsDouble();
        current = node.input(0);
      } else {
        return new Scaled(current, scale);
      }
    }
  }

  /** What was reshaped to four dimensions and turned by {@code expected}, in one or more steps. */
  private static @Nullable Heads heads(Scope scope, String value, List<Integer> expected) {
    List<Integer> turned = List.of(0, 1, 2, 3);
    Scaled current = unscale(scope, value);
    Node transpose;
    while ((transpose = scope.producer(current.value, Transpose.class).orElse(null)) != null) {
      List<Integer> perm = RemoveTransposes.perm(scope, transpose);
      if (perm == null || perm.size() != 4) {
        return null;
      }
      turned = turned.stream().map(perm::get).toList();
      Scaled above = unscale(scope, transpose.input(0));
      current = new Scaled(above.value, above.scale * current.scale);
    }
    Node reshape = scope.producer(current.value, Reshape.class).orElse(null);
    if (reshape == null || !turned.equals(expected)) {
      return null;
    }
    TensorType source = scope.type(reshape.input(0)).filter(TensorType::hasRank).orElse(null);
    TensorType apart = scope.type(reshape.output()).filter(TensorType::hasRank).orElse(null);
    if (source == null
        || apart == null
        || source.rank() != 3
        || apart.rank() != 4
        || !source.dim(2).isFixed()
        || !apart.dim(2).isFixed()
        || !apart.dim(3).isFixed()
        || apart.dim(2).size() * apart.dim(3).size() != source.dim(2).size()
        || !(keeps(scope, reshape, 0) || keeps(scope, reshape, 1))) {
      return null;
    }
    return new Heads(reshape.input(0), apart.dim(2).size(), apart.dim(3).size(), current.scale);
  }

  /** True if a reshape is known to leave a dimension as it is. */
  private static boolean keeps(Scope scope, Node reshape, int axis) {
    Tensor target = scope.constant(reshape.input(1)).orElse(null);
    boolean copies =
        target != null
            && axis < target.size()
            && target.getLong(axis) == 0
            && !((Reshape) reshape.operator()).allowZero();
    Optional<TensorType> before = scope.type(reshape.input(0)).filter(TensorType::hasRank);
    Optional<TensorType> after = scope.type(reshape.output()).filter(TensorType::hasRank);
    return copies
        || (before.isPresent()
            && after.isPresent()
            && before.get().dim(axis).equals(after.get().dim(axis)));
  }

  /** True if a reshape puts heads side by side again. */
  private static boolean joinsHeads(Scope scope, Node reshape, Heads values) {
    TensorType after = scope.type(reshape.output()).filter(TensorType::hasRank).orElse(null);
    if (after == null
        || after.rank() != 3
        || !(keeps(scope, reshape, 0) || keeps(scope, reshape, 1))) {
      return false;
    }
    Tensor target = scope.constant(reshape.input(1)).orElse(null);
    int width = values.heads * values.size;
    // With one of the first two dimensions kept, what is left over can only be the other or this.
    return (after.dim(2).isFixed() && after.dim(2).size() == width)
        || (target != null
            && target.size() == 3
            && target.getLong(2) == -1
            && keeps(scope, reshape, 0)
            && keeps(scope, reshape, 1));
  }

  /** True if adding the mask is known not to make the scores grow. */
  private static boolean isMask(Scope scope, String mask, String scores) {
    TensorType maskType = scope.type(mask).filter(TensorType::hasRank).orElse(null);
    TensorType type = scope.type(scores).filter(TensorType::hasRank).orElse(null);
    if (maskType == null || type == null || maskType.rank() > type.rank()) {
      return false;
    }
    for (int i = 1; i <= maskType.rank(); i++) {
      if (!scope.fits(maskType.dim(-i), type.dim(-i))) {
        return false;
      }
    }
    return true;
  }
}
