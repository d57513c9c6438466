package dev.tinytitan.surroundings;

import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Seeded inputs, the same in every process. */
final class Inputs {
  private Inputs() {}

  /** A tensor for each input; open dimensions have this size. */
  static Map<String, Tensor> random(List<Value> inputs, int open) {
    Random random = new Random(7);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Value input : inputs) {
      TensorType type = input.tensorType();
      int[] dims = new int[type.rank()];
      for (int i = 0; i < dims.length; i++) {
        dims[i] = type.dim(i).isFixed() ? type.dim(i).size() : i == 0 ? 1 : open;
      }
      Tensor tensor = Tensor.zeros(type.dtype(), Shape.of(dims));
      for (int i = 0; i < tensor.size(); i++) {
        if (type.dtype().isFloat()) {
          tensor.setFloat(i, (float) random.nextGaussian());
        } else {
          // In the range of every integer type, and a token, a mask or a segment for an encoder.
          tensor.setLong(i, random.nextInt(2));
        }
      }
      tensors.put(input.name(), tensor);
    }
    return tensors;
  }
}
