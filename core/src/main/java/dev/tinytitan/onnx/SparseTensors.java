package dev.tinytitan.onnx;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Reads {@code SparseTensorProto} into dense tensors. A few bytes may ask for any size, so all
 * dense tensors of one model share a budget.
 */
final class SparseTensors {
  /** Bytes that the dense tensors of one model may take together. */
  static final long MAX_DENSE_BYTES = 256L << 20;

  private final TensorDecoder tensors;
  private long used;

  SparseTensors(TensorDecoder tensors) {
    this.tensors = tensors;
  }

  /** The dense tensor, under the name of its values. */
  TensorDecoder.Named decode(ProtoReader message) {
    TensorDecoder.Named values = null;
    Tensor indices = null;
    List<Long> dims = new ArrayList<>();
    while (message.next()) {
      switch (message.field()) {
        case 1 -> values = tensors.decode(message.message());
        case 2 -> indices = tensors.decode(message.message()).tensor();
        case 3 -> message.forEach(ProtoReader.VARINT, dims::add);
        default -> {}
      }
    }
    if (values == null || indices == null || indices.dtype() != DType.INT64) {
      throw new MalformedModelException(
          "A sparse tensor lacks values or int64 indices", message.start());
    }
    Tensor given = values.tensor();
    try {
      Shape shape = Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
      used += Math.max(given.dtype().byteSize(shape.size()), 8L * shape.size());
      if (used > MAX_DENSE_BYTES) {
        throw new MalformedModelException(
            "The sparse tensors of the model take over "
                + (MAX_DENSE_BYTES >> 20)
                + " MiB when dense",
            message.start());
      }
      Tensor dense = Tensor.zeros(given.dtype(), shape);
      boolean isLinear = indices.shape().rank() == 1;
      int perElement = isLinear ? 1 : shape.rank();
      if (indices.size() != given.size() * (long) perElement) {
        throw new IllegalArgumentException("there are not as many indices as values");
      }
      for (int i = 0; i < given.size(); i++) {
        dense.copyElement(
            isLinear ? Math.toIntExact(indices.getLong(i)) : offset(shape, indices, i), given, i);
      }
      return new TensorDecoder.Named(values.name(), dense);
    } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException error) {
      throw new MalformedModelException(
          "Sparse tensor '" + values.name() + "' is inconsistent: " + error.getMessage(),
          message.start());
    }
  }

  private static int offset(Shape shape, Tensor indices, int element) {
    int[] strides = shape.strides();
    int offset = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      int index = Math.toIntExact(indices.getLong(element * shape.rank() + axis));
      offset += Objects.checkIndex(index, shape.dim(axis)) * strides[axis];
    }
    return offset;
  }
}
