package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;

/**
 * The index rule that GatherND and ScatterND share: the last dimension of the index tensor holds
 * tuples, each naming a slice of the data.
 */
final class TupleIndices {
  private final Shape data;
  private final Tensor indices;
  private final int batchDims;
  private final int tupleLength;

  /**
   * @param batchDims leading dimensions that data and indices share
   * @throws ShapeMismatchException if the shapes do not fit each other
   */
  TupleIndices(Shape data, Tensor indices, int batchDims) {
    this.data = data;
    this.indices = indices;
    this.batchDims = batchDims;
    Shape shape = indices.shape();
    if (batchDims < 0 || batchDims >= Math.min(data.rank(), shape.rank())) {
      throw new ShapeMismatchException(
          "Indices of shape "
              + shape
              + " do not name slices of data of shape "
              + data
              + " with "
              + batchDims
              + " batch dimensions.");
    }
    for (int i = 0; i < batchDims; i++) {
      if (data.dim(i) != shape.dim(i)) {
        throw new ShapeMismatchException(
            "Indices of shape "
                + shape
                + " and data of shape "
                + data
                + " differ in batch dimension "
                + i
                + ".");
      }
    }
    this.tupleLength = shape.dim(-1);
    requireTuple(data.rank() - batchDims, tupleLength);
  }

  /**
   * Requires tuples to be no longer than the dimensions they index.
   *
   * @throws ShapeMismatchException if they are
   */
  static void requireTuple(int dimensions, int tupleLength) {
    if (tupleLength > dimensions) {
      throw new ShapeMismatchException(
          "Index tuples of " + tupleLength + " do not fit data of " + dimensions + " dimensions.");
    }
  }

  /** The number of tuples. */
  int count() {
    return indices.shape().sizeBetween(0, indices.shape().rank() - 1);
  }

  /** The number of elements of each slice. */
  int sliceSize() {
    return data.sizeBetween(batchDims + tupleLength, data.rank());
  }

  /** The shape of all slices together. */
  Shape slicesShape() {
    int lead = indices.shape().rank() - 1;
    int[] dims = new int[lead + data.rank() - batchDims - tupleLength];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = i < lead ? indices.shape().dim(i) : data.dim(batchDims + tupleLength + i - lead);
    }
    return Shape.of(dims);
  }

  /** The flat index in the data of the first element of the slice that a tuple names. */
  int sliceStart(int tuple) {
    int perBatch = indices.shape().sizeBetween(batchDims, indices.shape().rank() - 1);
    int start = batchDims == 0 ? 0 : tuple / perBatch;
    for (int i = 0; i < tupleLength; i++) {
      int size = data.dim(batchDims + i);
      start = start * size + Indices.position(indices, tuple * tupleLength + i, size);
    }
    return start * sliceSize();
  }
}
