package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads an npy array from a stream, at once or a few rows (indices of the first dimension) at a
 * time, so that memory does not grow with the file. One thread at a time.
 */
final class NpyReader implements Closeable {
  private final InputStream in;
  private final String source;
  private final NpyHeader header;
  private final Shape shape;
  private int rowsRead;

  /**
   * Reads the header and checks it against the size of the file.
   *
   * @param in starts at the magic number; closed with this reader
   * @param available most bytes that the stream can have
   */
  NpyReader(InputStream in, long available, String source) throws IOException {
    this.in = in;
    this.source = source;
    this.header = NpyHeader.read(in, source);
    this.shape =
        RawElements.checkedShape(
            header.dtype(), header.dims(), available - header.byteLength(), source);
  }

  DType dtype() {
    return header.dtype();
  }

  Shape shape() {
    return shape;
  }

  /** False if the first index is the fastest, so that rows do not follow one another. */
  boolean isRowMajor() {
    return !header.fortran() || shape.rank() < 2;
  }

  /** Reads the whole array, and checks that nothing follows it. */
  Tensor readAll() throws IOException {
    Tensor tensor;
    if (isRowMajor()) {
      tensor = RawElements.allocate(dtype(), shape, source);
      RawElements.fill(tensor, in, header.order(), source);
    } else {
      int[] reversed = new int[shape.rank()];
      for (int i = 0; i < reversed.length; i++) {
        reversed[i] = shape.dim(-1 - i);
      }
      Tensor stored = RawElements.allocate(dtype(), Shape.of(reversed), source);
      RawElements.fill(stored, in, header.order(), source);
      tensor = transposed(stored);
    }
    checkEnd();
    return tensor;
  }

  /**
   * Reads the next rows.
   *
   * @param rows at most as many as are left
   * @return shape [rows, ...]
   */
  Tensor readRows(int rows) throws IOException {
    if (!isRowMajor() || shape.rank() == 0 || rows > shape.dim(0) - rowsRead) {
      throw new IllegalStateException("no " + rows + " rows to read in " + source);
    }
    Tensor tensor = RawElements.allocate(dtype(), shape.withDim(0, rows), source);
    RawElements.fill(tensor, in, header.order(), source);
    rowsRead += rows;
    if (rowsRead == shape.dim(0)) {
      checkEnd();
    }
    return tensor;
  }

  /** Also lets an archive compare its checksum. */
  private void checkEnd() throws IOException {
    if (in.read() >= 0) {
      throw new BadDataException(source + ": more bytes follow the array that the header tells of");
    }
  }

  /** Rows that were read so far. */
  int rowsRead() {
    return rowsRead;
  }

  /** Reverses the order of the dimensions. */
  private Tensor transposed(Tensor stored) {
    Tensor tensor = RawElements.allocate(dtype(), shape, source);
    int[] sizes = shape.toArray();
    int[] storedStrides = stored.shape().strides();
    int[] index = new int[sizes.length];
    int from = 0;
    for (int to = 0; to < tensor.size(); to++) {
      tensor.copyElement(to, stored, from);
      for (int axis = sizes.length - 1; axis >= 0; axis--) {
        int stride = storedStrides[sizes.length - 1 - axis];
        from += stride;
        if (++index[axis] < sizes[axis]) {
          break;
        }
        from -= sizes[axis] * stride;
        index[axis] = 0;
      }
    }
    return tensor;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
