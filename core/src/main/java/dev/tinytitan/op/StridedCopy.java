package dev.tinytitan.op;

import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;

/** Copies boxes of elements between tensors whose neighbours lie any distance apart. */
final class StridedCopy {
  private StridedCopy() {}

  /**
   * Copies a box, bits unchanged.
   *
   * @param dims the box's sizes
   * @param targetStart the flat index of the box's first element in the target
   * @param targetStrides how far a step along each dimension moves in the target
   * @param sourceStart the flat index of the box's first element in the source
   * @param sourceStrides how far a step along each dimension moves in the source; may be negative,
   *     or 0 to repeat
   */
  static void copy(
      int[] dims,
      Tensor target,
      int targetStart,
      int[] targetStrides,
      Tensor source,
      int sourceStart,
      int[] sourceStrides) {
    // The last dimensions, as far as they lie without gaps on both sides, move as one run.
    int axes = dims.length;
    int run = 1;
    while (axes > 0
        && (dims[axes - 1] == 1
            || (targetStrides[axes - 1] == run && sourceStrides[axes - 1] == run))) {
      axes--;
      run *= dims[axes];
    }
    int runs = run == 0 ? 0 : 1;
    for (int axis = 0; axis < axes; axis++) {
      runs *= dims[axis];
    }
    int[] counter = new int[axes];
    int to = targetStart;
    int from = sourceStart;
    for (int i = 0; i < runs; i++) {
      if (run == 1) {
        target.copyElement(to, source, from);
      } else {
        target.copyElements(to, source, from, run);
      }
      for (int axis = axes - 1; axis >= 0; axis--) {
        to += targetStrides[axis];
        from += sourceStrides[axis];
        if (++counter[axis] < dims[axis]) {
          break;
        }
        to -= targetStrides[axis] * dims[axis];
        from -= sourceStrides[axis] * dims[axis];
        counter[axis] = 0;
      }
    }
  }

  /** Fills a whole tensor, in row-major order, from the elements that a start and strides name. */
  static void fill(Tensor target, Tensor source, int sourceStart, int[] sourceStrides) {
    copy(
        target.shape().toArray(),
        target,
        0,
        target.shape().strides(),
        source,
        sourceStart,
        sourceStrides);
  }

  /**
   * Fills a whole tensor with the elements of another, their dimensions put in another order.
   *
   * @param sourceDims the sizes under which the source is seen; their product is its size
   * @param order for each dimension of the result, the source's dimension that it is
   */
  static void permute(Tensor target, Tensor source, int[] sourceDims, int... order) {
    int[] strides = Shape.of(sourceDims).strides();
    int[] dims = new int[order.length];
    int[] sourceStrides = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      dims[i] = sourceDims[order[i]];
      sourceStrides[i] = strides[order[i]];
    }
    copy(dims, target, 0, Shape.of(dims).strides(), source, 0, sourceStrides);
  }
}
