package dev.tinytitan.compress.prune;

import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.BinaryOperator;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Clip;
import dev.tinytitan.op.Comparison;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Dropout;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.PRelu;
import dev.tinytitan.op.UnaryOperator;
import dev.tinytitan.op.VariadicOperator;
import dev.tinytitan.op.Where;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Operators that work element by element, broadcast: places that meet go together. */
final class ElementRules {
  /** Element by element, but of no common interface. */
  private static final Set<String> OTHERS =
      Set.of(
          "CastLike",
          "Equal",
          "And",
          "Or",
          "Xor",
          "Not",
          "IsNaN",
          "IsInf",
          "Mod",
          "Pow",
          "BitShift",
          "Gelu",
          "HardSigmoid",
          "HardSwish",
          "LeakyRelu",
          "Elu",
          "Celu",
          "Selu",
          "Swish",
          "ThresholdedRelu",
          "Shrink",
          "Softplus",
          "Mish");

  private ElementRules() {}

  /** True if each element of the output follows from the elements of inputs at its place. */
  static boolean isElementwise(Operator operator) {
    return switch (operator) {
      case Identity identity -> true;
      case Cast cast -> true;
      case Dropout dropout -> true;
      case Clip clip -> true;
      case Where where -> true;
      case UnaryOperator unary -> true;
      case BinaryOperator binary -> true;
      case VariadicOperator variadic -> true;
      case Comparison comparison -> true;
      default -> OTHERS.contains(operator.spec().name());
    };
  }

  static boolean apply(NodeTrace node) {
    if (!isElementwise(node.node().operator())) {
      return false;
    }
    switch (node.node().operator()) {
      case Dropout dropout -> {
        node.same(0, 0, true);
        node.same(1, 0, false);
      }
      case Clip clip -> node.same(0, 0, keepsZero(node));
      default -> broadcast(node);
    }
    return true;
  }

  private static void broadcast(NodeTrace node) {
    Shape shape = node.outShape(0);
    int rank = shape.rank();
    int[][] axes = new int[rank][];
    boolean[] zero = new boolean[rank];
    boolean keepsZero = node.node().inputs().size() == 1 && keepsZero(node);
    for (int axis = 0; axis < rank; axis++) {
      List<Boolean> zeros = new ArrayList<>();
      for (int input = 0; input < node.node().inputs().size(); input++) {
        int own = node.has(input) ? axis - rank + node.rank(input) : -1;
        boolean spans = own >= 0 && node.shape(input).dim(own) == shape.dim(axis);
        if (spans) {
          int[] places = node.in(input, own);
          if (axes[axis] == null) {
            axes[axis] = places;
          } else {
            node.ids().union(axes[axis], places);
          }
        } else if (node.has(input)) {
          node.touch(input);
        }
        zeros.add(spans && node.isZero(input, own));
      }
      int[] places = axes[axis];
      axes[axis] = places == null ? node.fixed(shape.dim(axis), "is repeated") : places;
      zero[axis] = zeros.size() == 1 ? keepsZero && zeros.get(0) : combine(node.node(), zeros);
    }
    node.out(0, axes, zero);
  }

  /** True if the result is zero where the inputs are that are said to be. */
  private static boolean combine(Node node, List<Boolean> zeros) {
    return switch (node.operator()) {
      case Mul mul -> zeros.get(0) || zeros.get(1);
      case Div div -> zeros.get(0);
      case PRelu prelu -> zeros.get(0);
      case Where where -> zeros.get(1) && zeros.get(2);
      case BinaryOperator add when Set.of("Add", "Sub").contains(add.spec().name()) ->
          zeros.stream().allMatch(each -> each);
      case VariadicOperator fold -> zeros.stream().allMatch(each -> each);
      default -> false;
    };
  }

  /** True if the operator makes zero of zero, its other inputs being what they are. */
  private static boolean keepsZero(NodeTrace node) {
    DType dtype = node.dtype(0);
    if (!dtype.isFloat()) {
      return node.node().operator() instanceof Identity || node.node().operator() instanceof Cast;
    }
    List<@Nullable Tensor> inputs = new ArrayList<>();
    inputs.add(Tensor.zeros(dtype, Shape.of(1)));
    for (int i = 1; i < node.node().inputs().size(); i++) {
      if (node.has(i) && node.constant(i).isEmpty()) {
        return false;
      }
      inputs.add(node.constant(i).orElse(null));
    }
    Tensor result = Interpreter.eval(node.node(), inputs).get(0);
    return result != null && result.dtype().isFloat() && result.getDouble(0) == 0;
  }

  /** Quantizing and its inverse: scales of an axis go with its places. */
  static void quantization(NodeTrace node, int axis, int blockSize) {
    int rank = node.rank(0);
    int along = rank == 0 ? 0 : axis < 0 ? axis + rank : axis;
    for (int input = 1; input <= 2 && input < node.node().inputs().size(); input++) {
      if (!node.has(input)) {
        continue;
      }
      node.touch(input);
      if (node.rank(input) == 0 || node.shape(input).size() == 1) {
        continue;
      }
      if (blockSize == 0 && node.rank(input) == 1) {
        node.ids().union(node.in(0, along), node.in(input, 0));
      } else {
        for (int i = 0; i < node.rank(input); i++) {
          if (i == along) {
            node.fix(node.in(0, i), "is scaled in blocks");
            node.fix(node.in(input, i), "is scaled in blocks");
          } else {
            node.ids().union(node.in(0, i), node.in(input, i));
          }
        }
      }
    }
    node.same(0, 0, true);
  }
}
