package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.DynamicQuantizeLinear;
import dev.tinytitan.op.MatMulInteger;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.QuantizedMatMul;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Makes one operator of the sequence that dynamic quantization writes: DynamicQuantizeLinear,
 * MatMulInteger, Cast to float, Mul by both scales, Add of a bias. It computes the same numbers,
 * bit for bit.
 */
public record FuseDynamicQuantization() implements Pass.OfNodes {
  @Override
  public String name() {
    return "fuse-dynamic-quantization";
  }

  @Override
  public String description() {
    return "Makes one operator of a dynamically quantized matrix product.";
  }

  @Override
  public Set<String> startsAt() {
    return Set.of("Mul");
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    if (!(node.operator() instanceof Mul)) {
      return Optional.empty();
    }
    Optional<GraphPatch> patch = fuse(scope, node, node.input(0), node.input(1));
    return patch.isPresent() ? patch : fuse(scope, node, node.input(1), node.input(0));
  }

  private static Optional<GraphPatch> fuse(Scope scope, Node mul, String sums, String scales) {
    Node cast =
        scope
            .soleProducer(sums, Cast.class)
            .filter(node -> ((Cast) node.operator()).to() == DType.FLOAT32)
            .orElse(null);
    Node product =
        cast == null ? null : scope.soleProducer(cast.input(0), MatMulInteger.class).orElse(null);
    Node scale = scope.producer(scales, Mul.class).orElse(null);
    Node quantize =
        product == null
            ? null
            : scope.producer(product.input(0), DynamicQuantizeLinear.class).orElse(null);
    if (cast == null
        || product == null
        || scale == null
        || quantize == null
        || !product.input(0).equals(quantize.output(0))
        || !product.input(2).equals(quantize.output(2))) {
      return Optional.empty();
    }
    int own = scale.input(0).equals(quantize.output(1)) ? 0 : 1;
    TensorType weights = scope.type(product.input(1)).filter(TensorType::isStatic).orElse(null);
    if (!scale.input(own).equals(quantize.output(1))
        || weights == null
        || weights.rank() != 2
        || scope.rank(quantize.input(0)) < 1) {
      return Optional.empty();
    }
    int columns = weights.dim(1).size();
    if (!isColumns(scope, scale.input(1 - own), columns)
        || (product.hasInput(3) && !isColumns(scope, product.input(3), columns))) {
      return Optional.empty();
    }
    List<String> inputs =
        new ArrayList<>(
            List.of(quantize.input(0), product.input(1), scale.input(1 - own), product.input(3)));
    Node last = mul;
    Node add = scope.soleReader(mul.output(), Add.class).orElse(null);
    String bias = add == null ? null : add.input(add.input(0).equals(mul.output()) ? 1 : 0);
    if (add != null && bias != null && isBias(scope, bias, columns)) {
      inputs.add(bias);
      last = add;
    } else if (!product.hasInput(3)) {
      inputs.remove(3);
    }
    Node fused =
        Node.of(product.name(), new QuantizedMatMul(Activation.NONE), inputs, last.outputs());
    GraphPatch.Builder patch =
        GraphPatch.builder().remove(product).remove(cast).remove(mul).add(fused);
    return Optional.of((last == mul ? patch : patch.remove(last)).build());
  }

  /** True for a constant of one element, or a vector of one for each column. */
  private static boolean isColumns(Scope scope, String value, int columns) {
    Tensor tensor = scope.constant(value).orElse(null);
    return tensor != null
        && tensor.shape().rank() <= 1
        && (tensor.size() == 1 || tensor.size() == columns);
  }

  private static boolean isBias(Scope scope, String value, int columns) {
    Tensor tensor = scope.constant(value).orElse(null);
    return tensor != null && tensor.shape().rank() == 1 && tensor.size() == columns;
  }
}
