package dev.tinytitan.compress.quantize;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;

/** Weights in fewer bits. */
sealed interface StoredWeights permits GridWeights, Clustered {

  /** The stored numbers, in the weights' shape. */
  Tensor values();

  /** How many bits tell one weight from another; they may be stored in more. */
  int bits();

  /** The weights that the stored ones stand for, float32. */
  Tensor dequantize();

  /** Numbers in as many bits as their type has. */
  static Tensor pack(int[] levels, DType dtype, Shape shape) {
    Tensor packed = Tensor.zeros(dtype, shape);
    for (int i = 0; i < levels.length; i++) {
      packed.setLong(i, levels[i]);
    }
    return packed;
  }
}
