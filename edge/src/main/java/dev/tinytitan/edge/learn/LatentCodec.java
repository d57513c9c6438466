package dev.tinytitan.edge.learn;

import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Samples at the cut as bytes: 8-bit integers as they are, floats as 256 steps between the least
 * and the greatest of the sample. Each sample takes the same number of bytes. Immutable.
 *
 * @param types of the cut's values for one sample, the batch of 1 first
 */
record LatentCodec(List<TensorType> types) {
  /** How samples could be remembered: at the cut, or at the model's input. */
  record Pair(LatentCodec cut, LatentCodec input) {
    boolean isInputSmaller() {
      return input.byteSize() < cut.byteSize();
    }

    LatentCodec smaller() {
      return isInputSmaller() ? input : cut;
    }
  }

  private static final int STEPS = 255;

  /** Least and step, before the steps of a float tensor. */
  private static final int RANGE_BYTES = 8;

  /** Bytes of a sample. */
  int byteSize() {
    return types.stream().mapToInt(LatentCodec::byteSize).sum();
  }

  private static int byteSize(TensorType type) {
    return type.shape().size() + (isByte(type.dtype()) ? 0 : RANGE_BYTES);
  }

  private static boolean isByte(DType dtype) {
    return dtype == DType.INT8 || dtype == DType.UINT8;
  }

  /**
   * Writes a sample.
   *
   * @param values the cut's values, each with a batch of 1
   */
  void write(List<Tensor> values, byte[] target, int from) {
    int at = from;
    for (int i = 0; i < types.size(); i++) {
      Tensor value = values.get(i);
      int size = types.get(i).shape().size();
      if (isByte(types.get(i).dtype())) {
        System.arraycopy(value.byteArray(), 0, target, at, size);
        at += size;
        continue;
      }
      float[] numbers = value.floatArray();
      float least = Float.POSITIVE_INFINITY;
      float greatest = Float.NEGATIVE_INFINITY;
      for (int k = 0; k < size; k++) {
        least = Math.min(least, numbers[k]);
        greatest = Math.max(greatest, numbers[k]);
      }
      float step = (greatest - least) / STEPS;
      ByteBuffer.wrap(target, at, RANGE_BYTES).putFloat(least).putFloat(step);
      at += RANGE_BYTES;
      for (int k = 0; k < size; k++) {
        target[at + k] = (byte) (step == 0 ? 0 : Math.round((numbers[k] - least) / step));
      }
      at += size;
    }
  }

  /**
   * Reads a sample into one row of a batch.
   *
   * @param batches the cut's values for a batch
   */
  void read(byte[] source, int from, List<Tensor> batches, int row) {
    int at = from;
    for (int i = 0; i < types.size(); i++) {
      int size = types.get(i).shape().size();
      if (isByte(types.get(i).dtype())) {
        System.arraycopy(source, at, batches.get(i).byteArray(), row * size, size);
        at += size;
        continue;
      }
      ByteBuffer range = ByteBuffer.wrap(source, at, RANGE_BYTES);
      float least = range.getFloat();
      float step = range.getFloat();
      at += RANGE_BYTES;
      float[] numbers = batches.get(i).floatArray();
      for (int k = 0; k < size; k++) {
        numbers[row * size + k] = least + step * (source[at + k] & 0xFF);
      }
      at += size;
    }
  }
}
