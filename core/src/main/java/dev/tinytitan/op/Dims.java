package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Arithmetic with dimensions that may be unknown, for shape rules. */
final class Dims {
  private static final int MAX_RANK = 1024;

  private Dims() {}

  /**
   * A known size.
   *
   * @throws ShapeMismatchException if it is negative or over 2³¹ - 1
   */
  static Dim of(long size) {
    if (size < 0 || size > Integer.MAX_VALUE) {
      throw new ShapeMismatchException("A dimension of " + size + " is not in 0..2147483647.");
    }
    return Dim.of((int) size);
  }

  /** {@code dim + addend}. */
  static Dim plus(Dim dim, long addend) {
    return addend == 0 ? dim : dim.isFixed() ? of(dim.size() + addend) : Dim.UNKNOWN;
  }

  /** {@code dim * factor}. */
  static Dim times(Dim dim, long factor) {
    return factor == 1 ? dim : dim.isFixed() ? of(dim.size() * factor) : Dim.UNKNOWN;
  }

  /** {@code left + right}. */
  static Dim plus(Dim left, Dim right) {
    if (left.isFixed()) {
      return plus(right, left.size());
    }
    return right.isFixed() ? plus(left, right.size()) : Dim.UNKNOWN;
  }

  /**
   * What is known of a size that two types tell of.
   *
   * @throws ShapeMismatchException if both know it and differ
   */
  static Dim same(Dim left, Dim right) {
    if (left.isFixed() && right.isFixed() && left.size() != right.size()) {
      throw new ShapeMismatchException(
          "Dimensions " + left + " and " + right + " should be the same.");
    }
    if (left.isFixed() || right.equals(Dim.UNKNOWN)) {
      return left;
    }
    return right;
  }

  /**
   * The type of a tensor whose dimensions are listed in a vector: its rank where the vector's
   * length is known.
   *
   * @param vector the type of the vector
   */
  static TensorType describedBy(DType dtype, TensorType vector) {
    return vector.isStatic()
        ? TensorType.ofRank(dtype, rank(vector.shape().size()))
        : TensorType.unknown(dtype);
  }

  /**
   * A rank that a model declares, not yet held by any tensor.
   *
   * @throws ShapeMismatchException if it is beyond reason
   */
  static int rank(int declared) {
    if (declared > MAX_RANK) {
      throw new ShapeMismatchException("A tensor of " + declared + " dimensions is asked for.");
    }
    return declared;
  }

  /** Dimensions of which only the number is known, to be changed. */
  static List<Dim> unknown(int count) {
    return new ArrayList<>(Collections.nCopies(count, Dim.UNKNOWN));
  }
}
