package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.FusedMatMul;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Makes one operator of MatMul with a bias added after it, and of Gemm: so that kernels and later
 * fusions know one kind of matrix product with a bias.
 */
public record FuseBias() implements Pass.OfNodes {
  @Override
  public String name() {
    return "fuse-bias";
  }

  @Override
  public String description() {
    return "Makes one operator of a matrix product and the bias after it.";
  }

  @Override
  public Set<String> startsAt() {
    return Set.of("Gemm", "Add");
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    if (node.operator() instanceof Gemm gemm) {
      return ofGemm(scope, node, gemm);
    }
    if (!(node.operator() instanceof Add)) {
      return Optional.empty();
    }
    Optional<GraphPatch> patch = ofAdd(scope, node, 0);
    return patch.isPresent() ? patch : ofAdd(scope, node, 1);
  }

  private static Optional<GraphPatch> ofGemm(Scope scope, Node node, Gemm gemm) {
    if (gemm.transA()
        || !isFloat(scope, node.output())
        || (node.hasInput(2)
            && (gemm.beta() != 1 || !isColumns(scope, node.input(2), node.output())))) {
      return Optional.empty();
    }
    return Optional.of(
        GraphPatch.replace(
            node,
            node.withOperator(new FusedMatMul(gemm.transB(), gemm.alpha(), Activation.NONE))));
  }

  private static Optional<GraphPatch> ofAdd(Scope scope, Node add, int index) {
    Node product = scope.graph().producer(add.input(index)).orElse(null);
    String bias = add.input(1 - index);
    if (product == null
        || !scope.isReadOnce(product.output())
        || !isFloat(scope, add.output())
        || !isColumns(scope, bias, product.output())) {
      return Optional.empty();
    }
    FusedMatMul operator;
    if (product.operator() instanceof MatMul) {
      operator = new FusedMatMul(false, 1, Activation.NONE);
    } else if (product.operator() instanceof FusedMatMul fused
        && fused.activation().isNone()
        && product.inputs().size() == 2) {
      operator = fused;
    } else {
      return Optional.empty();
    }
    List<String> inputs = new ArrayList<>(product.inputs());
    inputs.add(bias);
    return Optional.of(
        GraphPatch.builder()
            .remove(product)
            .remove(add)
            .add(Node.of(product.name(), operator, inputs, add.outputs()))
            .build());
  }

  private static boolean isFloat(Scope scope, String value) {
    return scope
        .type(value)
        .filter(type -> type.dtype() == DType.FLOAT32 || type.dtype() == DType.FLOAT64)
        .isPresent();
  }

  /** True if a value is known to be a vector with one element for each column of the product. */
  private static boolean isColumns(Scope scope, String value, String product) {
    TensorType vector = scope.type(value).filter(TensorType::hasRank).orElse(null);
    TensorType result = scope.type(product).filter(TensorType::hasRank).orElse(null);
    return vector != null
        && result != null
        && vector.rank() == 1
        && result.rank() >= 1
        && vector.dim(0).equals(result.dim(-1));
  }
}
