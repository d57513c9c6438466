package dev.tinytitan.op;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shape rules that many operators share. */
public final class Shapes {
  private Shapes() {}

  /**
   * An axis counted from the front.
   *
   * @throws ShapeMismatchException if it is not in {@code -rank..rank-1}
   */
  public static int axis(int axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw new ShapeMismatchException(
          "Axis " + axis + " is out of range for a tensor of " + rank + " dimensions.");
    }
    return axis < 0 ? axis + rank : axis;
  }

  /** Axes counted from the front, as a set: true where an axis is named. */
  public static boolean[] axes(int[] axes, int rank) {
    boolean[] named = new boolean[rank];
    for (int axis : axes) {
      int positive = axis(axis, rank);
      if (named[positive]) {
        throw new ShapeMismatchException(
            "Axis " + axis + " is named twice in " + Arrays.toString(axes) + ".");
      }
      named[positive] = true;
    }
    return named;
  }

  /**
   * The shape of an element-wise result under ONNX's multidirectional broadcasting.
   *
   * @throws ShapeMismatchException if the shapes do not fit
   */
  public static Shape broadcast(Shape left, Shape right) {
    int rank = Math.max(left.rank(), right.rank());
    int[] dims = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int a = i <= left.rank() ? left.dim(-i) : 1;
      int b = i <= right.rank() ? right.dim(-i) : 1;
      if (a != b && a != 1 && b != 1) {
        throw new ShapeMismatchException(
            "Shapes " + left + " and " + right + " do not fit each other by broadcasting.");
      }
      dims[rank - i] = a == 1 ? b : a;
    }
    return Shape.of(dims);
  }

  /** The type-level form of {@link #broadcast(Shape, Shape)}; null if a rank is unknown. */
  public static @Nullable List<Dim> broadcast(@Nullable List<Dim> left, @Nullable List<Dim> right) {
    if (left == null || right == null) {
      return null;
    }
    int rank = Math.max(left.size(), right.size());
    List<Dim> dims = new ArrayList<>(rank);
    for (int i = rank; i >= 1; i--) {
      Dim a = i <= left.size() ? left.get(left.size() - i) : Dim.of(1);
      Dim b = i <= right.size() ? right.get(right.size() - i) : Dim.of(1);
      dims.add(broadcast(a, b));
    }
    return dims;
  }

  private static Dim broadcast(Dim left, Dim right) {
    boolean leftOne = left.isFixed() && left.size() == 1;
    boolean rightOne = right.isFixed() && right.size() == 1;
    if (leftOne) {
      return right;
    }
    if (rightOne) {
      return left;
    }
    if (left.isFixed() && right.isFixed()) {
      if (left.size() != right.size()) {
        throw new ShapeMismatchException(
            "Dimensions " + left + " and " + right + " do not fit each other by broadcasting.");
      }
      return left;
    }
    // A known size other than 1 decides: the other must be 1 or the same.
    if (left.isFixed()) {
      return left;
    }
    if (right.isFixed()) {
      return right;
    }
    return left.equals(right) ? left : Dim.UNKNOWN;
  }

  /**
   * For each dimension of {@code result}, how far a step along it moves in a row-major tensor of
   * shape {@code input} broadcast to it: 0 where the input is repeated.
   */
  public static int[] broadcastStrides(Shape input, Shape result) {
    int[] own = input.strides();
    int[] strides = new int[result.rank()];
    int shift = result.rank() - input.rank();
    for (int i = 0; i < input.rank(); i++) {
      strides[i + shift] = input.dim(i) == 1 ? 0 : own[i];
    }
    return strides;
  }

  /**
   * The shape that a constant int64 vector input describes, where it is a constant.
   *
   * @return null if the input is not constant
   */
  public static long @Nullable [] constantLongs(InferenceContext context, int index) {
    return context.constant(index).map(Tensor::toLongArray).orElse(null);
  }

  /** The output type of an operator that keeps type and shape of its first input. */
  public static List<TensorType> sameAsInput(InferenceContext context) {
    return List.of(context.input(0));
  }

  /**
   * Requires both types to have the same dtype.
   *
   * @throws ShapeMismatchException if they differ
   */
  public static void requireSameDType(TensorType left, TensorType right) {
    if (left.dtype() != right.dtype()) {
      throw new ShapeMismatchException(
          "Inputs have different element types: " + left.dtype() + " and " + right.dtype() + ".");
    }
  }

  /** An error for an attribute whose value the operator does not know. */
  public static MalformedModelException badAttribute(String name, Object value) {
    return new MalformedModelException(
        "Attribute '" + name + "' has the unknown value '" + value + "'.");
  }
}
