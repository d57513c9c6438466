package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Sub;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Folds multiplication, division, addition and subtraction of a number, or of one number for each
 * channel, into the weights and the bias of the convolution or matrix product before it.
 */
public record FoldScale() implements Pass.OfNodes {
  @Override
  public String name() {
    return "fold-scale";
  }

  @Override
  public String description() {
    return "Folds scales and shifts of channels into the weights before them.";
  }

  @Override
  public Set<String> startsAt() {
    return Set.of("Mul", "Add", "Div", "Sub");
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    boolean commutes = node.operator() instanceof Mul || node.operator() instanceof Add;
    boolean known = commutes || node.operator() instanceof Div || node.operator() instanceof Sub;
    if (!known) {
      return Optional.empty();
    }
    Optional<GraphPatch> patch = fold(scope, node, node.input(0), node.input(1));
    return patch.isEmpty() && commutes ? fold(scope, node, node.input(1), node.input(0)) : patch;
  }

  private static Optional<GraphPatch> fold(Scope scope, Node node, String value, String factor) {
    Tensor constant = scope.constant(factor).orElse(null);
    LinearLayer layer = constant == null ? null : LinearLayer.of(scope, value).orElse(null);
    boolean shifts = node.operator() instanceof Add || node.operator() instanceof Sub;
    // A bias after a MatMul stays an Add, for the fusion that knows it.
    if (constant == null || layer == null || (shifts && !layer.takesBias())) {
      return Optional.empty();
    }
    double[] each = perChannel(scope, layer, value, constant);
    if (each == null) {
      return Optional.empty();
    }
    double[] scale = new double[each.length];
    double[] shift = new double[each.length];
    Arrays.fill(scale, 1);
    switch (node.operator()) {
      case Mul mul -> Arrays.setAll(scale, c -> each[c]);
      case Div div -> Arrays.setAll(scale, c -> 1 / each[c]);
      case Sub sub -> Arrays.setAll(shift, c -> -each[c]);
      default -> Arrays.setAll(shift, c -> each[c]);
    }
    return layer.fold(scope, node, scale, shift);
  }

  /**
   * One number for each channel; null if the constant is of another kind or makes the value grow.
   */
  private static double @Nullable [] perChannel(
      Scope scope, LinearLayer layer, String value, Tensor constant) {
    int rank = scope.rank(value);
    Shape shape = constant.shape();
    if (rank < 0 || shape.rank() > rank) {
      return null;
    }
    double[] each = new double[layer.channels()];
    if (constant.size() == 1) {
      Arrays.fill(each, constant.getDouble(0));
      return each;
    }
    int axis = layer.channelAxis() < 0 ? -1 : 1 - rank;
    if (constant.size() != each.length || shape.rank() < -axis || shape.dim(axis) != each.length) {
      return null;
    }
    Arrays.setAll(each, constant::getDouble);
    return each;
  }
}
