package dev.tinytitan.cli.samples;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;

/** Element types. */
final class Elements {
  private Elements() {}

  /**
   * The same values in another element type, rounded where need be; the tensor itself if it fits.
   */
  static Tensor cast(Tensor tensor, DType dtype) {
    if (tensor.dtype() == dtype) {
      return tensor;
    }
    Tensor result = Tensor.zeros(dtype, tensor.shape());
    boolean whole = !tensor.dtype().isFloat();
    for (int i = 0; i < tensor.size(); i++) {
      if (!dtype.isFloat()) {
        result.setLong(i, whole ? tensor.getLong(i) : Math.round(tensor.getDouble(i)));
      } else {
        result.setDouble(i, whole ? tensor.getLong(i) : tensor.getDouble(i));
      }
    }
    return result;
  }
}
