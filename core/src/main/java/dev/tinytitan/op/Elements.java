package dev.tinytitan.op;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;

/** Moves elements between tensors and the arrays that references compute on. */
final class Elements {
  private Elements() {}

  /** Writes all elements, rounded to the tensor's dtype. */
  static void store(double[] values, Tensor tensor) {
    if (tensor.dtype() == DType.FLOAT32) {
      float[] array = tensor.floatArray();
      for (int i = 0; i < values.length; i++) {
        array[i] = (float) values[i];
      }
    } else {
      for (int i = 0; i < values.length; i++) {
        tensor.setDouble(i, values[i]);
      }
    }
  }
}
