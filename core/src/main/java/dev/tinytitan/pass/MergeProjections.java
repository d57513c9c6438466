package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.DequantizedMatMul;
import dev.tinytitan.op.FusedAttention;
import dev.tinytitan.op.FusedMatMul;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.QuantizedMatMul;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes one wide matrix product of the three that give attention its queries, keys and values from
 * the same input: it reads the input once, and the attention takes its result apart by itself.
 */
public record MergeProjections() implements Pass.OfNodes {
  @Override
  public String name() {
    return "merge-projections";
  }

  @Override
  public String description() {
    return "Makes one matrix product of those for queries, keys and values.";
  }

  @Override
  public Set<String> startsAt() {
    return Set.of("FusedAttention");
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    if (!(node.operator() instanceof FusedAttention attention) || attention.packed()) {
      return Optional.empty();
    }
    List<Node> products = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Node product = scope.graph().producer(node.input(i)).orElse(null);
      if (product == null || !scope.isReadOnce(node.input(i))) {
        return Optional.empty();
      }
      products.add(product);
    }
    Node first = products.get(0);
    Shape shape = scope.constant(first.input(1)).map(Tensor::shape).orElse(null);
    if (shape == null || shape.rank() != 2 || !canMerge(scope, products, shape)) {
      return Optional.empty();
    }
    GraphPatch.Builder patch = GraphPatch.builder().remove(node);
    products.forEach(patch::remove);
    String packed = scope.fresh(node.name() + "_qkv");
    patch.add(merged(scope, patch, products, packed));
    List<String> inputs = new ArrayList<>(List.of(packed));
    if (node.hasInput(attention.maskIndex())) {
      inputs.add(node.input(attention.maskIndex()));
    }
    return Optional.of(
        patch
            .add(
                node.withOperator(new FusedAttention(attention.heads(), attention.scale(), true))
                    .withInputs(inputs))
            .build());
  }

  private static boolean canMerge(Scope scope, List<Node> products, Shape shape) {
    Node first = products.get(0);
    boolean known =
        switch (first.operator()) {
          case MatMul product -> true;
          case FusedMatMul fused -> fused.activation().isNone() && !fused.transB();
          case QuantizedMatMul product -> product.activation().isNone();
          case DequantizedMatMul narrow -> canMerge(products, narrow);
          default -> false;
        };
    if (!known) {
      return false;
    }
    DType dtype = scope.constant(first.input(1)).map(Tensor::dtype).orElse(null);
    for (Node product : products) {
      boolean constant = true;
      for (int i = 1; i < product.inputs().size(); i++) {
        constant &= !product.hasInput(i) || scope.constant(product.input(i)).isPresent();
      }
      boolean residual = isFloat(product) && product.hasInput(3);
      if (!constant
          || residual
          || !product.operator().equals(first.operator())
          || !product.input(0).equals(first.input(0))
          || scope
              .constant(product.input(1))
              .filter(w -> w.shape().equals(shape) && w.dtype() == dtype)
              .isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /** Whether scales and zero points belong to columns, so that they can lie side by side, too. */
  private static boolean canMerge(List<Node> products, DequantizedMatMul narrow) {
    boolean same = narrow.product().activation().isNone() && !narrow.product().transB();
    if (narrow.weights().blockSize() == 0) {
      return same && Math.floorMod(narrow.weights().axis(), 2) == 1;
    }
    long shifted = products.stream().filter(p -> p.hasInput(DequantizedMatMul.ZERO_POINT)).count();
    return same && (shifted == 0 || shifted == products.size());
  }

  private static boolean isFloat(Node product) {
    return product.operator() instanceof FusedMatMul
        || product.operator() instanceof DequantizedMatMul;
  }

  /** Whether an input has a row for each group of the matrix' rows. */
  private static boolean isGrouped(Node product, int input) {
    return product.operator() instanceof DequantizedMatMul narrow
        && narrow.weights().blockSize() > 0
        && input >= DequantizedMatMul.SCALE;
  }

  private static Node merged(
      Scope scope, GraphPatch.Builder patch, List<Node> products, String result) {
    Node first = products.get(0);
    int inputs = products.stream().mapToInt(product -> product.inputs().size()).max().orElse(0);
    List<String> names = new ArrayList<>(List.of(first.input(0)));
    for (int i = 1; i < inputs; i++) {
      List<@Nullable Tensor> parts = new ArrayList<>();
      for (Node product : products) {
        parts.add(scope.constant(product.input(i)).orElse(null));
      }
      boolean wide = i == 1 || isGrouped(first, i);
      Tensor joined = wide ? joinColumns(parts) : joinVectors(parts, columns(scope, first));
      String name = joined == null ? "" : scope.fresh(result + "_" + i);
      if (joined != null) {
        patch.initializer(name, joined);
      }
      names.add(name);
    }
    return Node.of(scope.fresh(result), first.operator(), names, List.of(result));
  }

  private static int columns(Scope scope, Node product) {
    return scope.constant(product.input(1)).map(w -> w.shape().dim(1)).orElse(0);
  }

  /** Matrices of equal height side by side. */
  private static Tensor joinColumns(List<@Nullable Tensor> parts) {
    List<Tensor> matrices = new ArrayList<>();
    for (Tensor part : parts) {
      if (part != null) {
        matrices.add(part);
      }
    }
    Shape shape = matrices.get(0).shape();
    int width = shape.dim(1);
    Tensor joined =
        Tensor.zeros(matrices.get(0).dtype(), Shape.of(shape.dim(0), width * matrices.size()));
    for (int part = 0; part < matrices.size(); part++) {
      for (int i = 0; i < shape.size(); i++) {
        int to = i / width * width * matrices.size() + part * width + i % width;
        joined.copyElement(to, matrices.get(part), i);
      }
    }
    return joined;
  }

  /** One element for each column of each part: single ones repeated, missing ones 0. */
  private static @Nullable Tensor joinVectors(List<@Nullable Tensor> parts, int columns) {
    Tensor model = null;
    for (Tensor part : parts) {
      model = part == null ? model : part;
    }
    if (model == null) {
      return null;
    }
    Tensor joined = Tensor.zeros(model.dtype(), Shape.of(columns * parts.size()));
    for (int part = 0; part < parts.size(); part++) {
      Tensor vector = parts.get(part);
      for (int i = 0; i < columns && vector != null; i++) {
        joined.copyElement(part * columns + i, vector, vector.size() == 1 ? 0 : i);
      }
    }
    return joined;
  }
}
