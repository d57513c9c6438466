package dev.tinytitan.data;

import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;

/** Rows of a tensor: what lies at the indices of its first dimension. */
final class Rows {
  private Rows() {}

  /** Copies rows {@code from} to {@code to}, exclusive; shape [to − from, ...]. */
  static Tensor slice(Tensor tensor, int from, int to) {
    Shape shape = tensor.shape();
    Objects.checkFromToIndex(from, to, shape.dim(0));
    int rowSize = shape.sizeBetween(1, shape.rank());
    Tensor slice = Tensor.zeros(tensor.dtype(), shape.withDim(0, to - from));
    copy(tensor, from * rowSize, slice, 0, slice.size());
    return slice;
  }

  /** Copies consecutive elements; dtypes are equal. */
  static void copy(Tensor source, int sourceIndex, Tensor target, int targetIndex, int elements) {
    Object from = source.array();
    Object to = target.array();
    boolean oneEach = source.dtype().bits() >= 8 || source.dtype().bits() == 0;
    if (oneEach && !isComplex(source) && from != null && to != null) {
      System.arraycopy(from, sourceIndex, to, targetIndex, elements);
      return;
    }
    for (int i = 0; i < elements; i++) {
      target.copyElement(targetIndex + i, source, sourceIndex + i);
    }
  }

  private static boolean isComplex(Tensor tensor) {
    return switch (tensor.dtype()) {
      case COMPLEX64, COMPLEX128 -> true;
      default -> false;
    };
  }

  /** The shape of one row. */
  static Shape rowShape(Shape shape) {
    int[] dims = new int[shape.rank() - 1];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = shape.dim(i + 1);
    }
    return Shape.of(dims);
  }

  /** Shape [count, ...row]. */
  static Shape withRows(int count, Shape row) {
    int[] dims = new int[row.rank() + 1];
    dims[0] = count;
    for (int i = 1; i < dims.length; i++) {
      dims[i] = row.dim(i - 1);
    }
    return Shape.of(dims);
  }
}
