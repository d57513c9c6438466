package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.OverBudgetException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Reads raw array elements, as npy and IDX store them, into tensors. */
final class RawElements {
  private static final int CHUNK = 1 << 16;

  private RawElements() {}

  /**
   * Checks what a header claims before anything is allocated for it.
   *
   * @param dims sizes of the dimensions, as read
   * @param available most bytes that the elements can have, given the size of the file
   * @param source the file, for messages
   * @throws BadDataException if the sizes are impossible, or the file too short for them
   * @throws OverBudgetException if the array fits the file but not this JVM's heap
   */
  static Shape checkedShape(DType dtype, long[] dims, long available, String source) {
    Shape shape;
    try {
      shape = Shape.of(dims);
    } catch (IllegalArgumentException e) {
      throw new BadDataException(
          source + ": the shape " + Arrays.toString(dims) + " is not possible", e);
    }
    if (dtype.byteSize(shape.size()) > available) {
      throw new BadDataException(
          source
              + ": the header promises "
              + dtype.byteSize(shape.size())
              + " bytes of "
              + dtype
              + " "
              + shape
              + ", but the file has at most "
              + available
              + " left; it is cut off or damaged");
    }
    return shape;
  }

  /** A new tensor, unless it would take most of the heap. */
  static Tensor allocate(DType dtype, Shape shape, String source) {
    long heap = Runtime.getRuntime().maxMemory();
    long needed = dtype.byteSize(shape.size());
    if (needed > heap / 4 * 3) {
      throw new OverBudgetException(
          source
              + ": an array of "
              + (needed >> 20)
              + " MiB does not fit a heap of "
              + (heap >> 20)
              + " MiB; raise it with -Xmx, or read the data in batches");
    }
    return Tensor.zeros(dtype, shape);
  }

  /**
   * Fills a tensor with the next elements of a stream.
   *
   * @throws BadDataException if the stream ends before
   */
  static void fill(Tensor tensor, InputStream in, ByteOrder order, String source)
      throws IOException {
    int elementBytes = tensor.dtype().bits() / 8;
    int perChunk = CHUNK / elementBytes;
    byte[] chunk = new byte[Math.min(tensor.size(), perChunk) * elementBytes];
    ByteBuffer buffer = ByteBuffer.wrap(chunk).order(order);
    for (int done = 0; done < tensor.size(); ) {
      int elements = Math.min(perChunk, tensor.size() - done);
      int bytes = elements * elementBytes;
      if (in.readNBytes(chunk, 0, bytes) < bytes) {
        throw new BadDataException(
            source + " ends within its array, of shape " + tensor.shape() + "; it is cut off");
      }
      copy(buffer, tensor, done, elements);
      done += elements;
    }
  }

  private static void copy(ByteBuffer from, Tensor to, int offset, int elements) {
    switch (to.dtype()) {
      case FLOAT32 -> from.asFloatBuffer().get(to.floatArray(), offset, elements);
      case FLOAT64 -> from.asDoubleBuffer().get(to.doubleArray(), offset, elements);
      case INT64, UINT64 -> from.asLongBuffer().get(to.longArray(), offset, elements);
      case INT32, UINT32 -> from.asIntBuffer().get(to.intArray(), offset, elements);
      case INT16, UINT16, FLOAT16 -> from.asShortBuffer().get(to.shortArray(), offset, elements);
      case INT8, UINT8 -> from.get(0, to.byteArray(), offset, elements);
      case BOOL -> {
        for (int i = 0; i < elements; i++) {
          to.byteArray()[offset + i] = (byte) (from.get(i) == 0 ? 0 : 1);
        }
      }
      default -> throw new IllegalArgumentException("no raw elements of " + to.dtype());
    }
  }
}
