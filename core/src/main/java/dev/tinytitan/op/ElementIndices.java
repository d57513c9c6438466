package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;

/** The index rule that GatherElements and ScatterElements share. */
final class ElementIndices {
  private ElementIndices() {}

  /** One index: where it stands in the index tensor, and the flat index into the data it means. */
  @FunctionalInterface
  interface Visitor {
    void visit(int at, int position);
  }

  /** Visits all indices in row-major order. */
  static void forEach(Shape data, Tensor indices, int axis, Visitor visitor) {
    int rank = data.rank();
    requireSameRank(rank, indices.shape().rank());
    int along = Shapes.axis(axis, rank);
    for (int i = 0; i < rank; i++) {
      if (i != along && indices.shape().dim(i) > data.dim(i)) {
        throw new ShapeMismatchException(
            "Indices of shape " + indices.shape() + " reach beyond data of shape " + data + ".");
      }
    }
    int[] strides = data.strides();
    int[] counter = new int[rank];
    for (int at = 0; at < indices.size(); at++) {
      int position = 0;
      for (int i = 0; i < rank; i++) {
        int step = i == along ? Indices.position(indices, at, data.dim(i)) : counter[i];
        position += step * strides[i];
      }
      visitor.visit(at, position);
      for (int i = rank - 1; i >= 0 && ++counter[i] == indices.shape().dim(i); i--) {
        counter[i] = 0;
      }
    }
  }

  /**
   * Requires indices and data to have as many dimensions.
   *
   * @throws ShapeMismatchException if they do not
   */
  static void requireSameRank(int data, int indices) {
    if (data != indices) {
      throw new ShapeMismatchException(
          "Indices of " + indices + " dimensions do not fit data of " + data + " dimensions.");
    }
  }
}
