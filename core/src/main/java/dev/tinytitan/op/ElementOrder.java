package dev.tinytitan.op;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;

/** The order of elements, whatever their dtype. */
final class ElementOrder {
  private ElementOrder() {}

  /**
   * Compares elements of two tensors of one dtype by value: unsigned integers as such, strings by
   * their characters, NaN greater than all numbers, zeros of either sign equal.
   *
   * @return below, at or above zero
   */
  static int compare(Tensor a, int aIndex, Tensor b, int bIndex) {
    DType dtype = a.dtype();
    if (dtype == DType.STRING) {
      return a.getString(aIndex).compareTo(b.getString(bIndex));
    }
    if (dtype.isFloat()) {
      double x = a.getDouble(aIndex);
      double y = b.getDouble(bIndex);
      return x == y ? 0 : Double.compare(x, y);
    }
    long x = a.getLong(aIndex);
    long y = b.getLong(bIndex);
    return dtype.isUnsigned() ? Long.compareUnsigned(x, y) : Long.compare(x, y);
  }
}
