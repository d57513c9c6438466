package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.tensor.Tensor;

/** Indices that come as data. */
final class Indices {
  private Indices() {}

  /**
   * Element {@code at} of an index tensor as a position along a dimension; negative indices count
   * from the end.
   *
   * @throws ShapeMismatchException if it lies outside
   */
  static int position(Tensor indices, int at, int size) {
    long index = indices.getLong(at);
    if (index < -(long) size || index >= size) {
      throw new ShapeMismatchException(
          "Index " + index + " is out of range for a dimension of " + size + ".");
    }
    return (int) (index < 0 ? index + size : index);
  }

  /**
   * The one element of a tensor.
   *
   * @throws ShapeMismatchException if it has none or more
   */
  static long scalar(Tensor tensor, String what) {
    requireOne(tensor, what);
    return tensor.getLong(0);
  }

  /**
   * Requires a tensor to have one element.
   *
   * @throws ShapeMismatchException if it has none or more
   */
  static void requireOne(Tensor tensor, String what) {
    if (tensor.size() != 1) {
      throw new ShapeMismatchException(
          "Input '" + what + "' should have one element, but has shape " + tensor.shape() + ".");
    }
  }

  /** Elements as ints, those out of the int range brought to its ends. */
  static int[] saturated(Tensor tensor) {
    int[] values = new int[tensor.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.clamp(tensor.getLong(i), Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
    return values;
  }
}
