package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * Reads IDX files, the format of MNIST and its descendants: (u)int8, int16, int32, float32,
 * float64; plain or gzipped.
 */
public final class Idx {
  private static final int GZIP_MAGIC = 0x1F8B;
  private static final long MAX_INFLATION = 1032;

  private Idx() {}

  /**
   * Reads an array into memory.
   *
   * @throws BadDataException if the file cannot be read or is damaged
   * @throws dev.tinytitan.OverBudgetException if the array does not fit the heap
   */
  public static Tensor read(Path file) {
    String source = file.toString();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      return read(in, Files.size(file), source);
    } catch (IOException e) {
      throw BadDataException.unreadable(file.toString(), e);
    }
  }

  /** Reads a stream that can be marked, plain or gzipped, of {@code size} bytes. */
  static Tensor read(InputStream in, long size, String source) throws IOException {
    in.mark(2);
    boolean gzipped = (in.read() << 8 | in.read()) == GZIP_MAGIC;
    in.reset();
    return gzipped
        ? readPlain(new GZIPInputStream(in, 1 << 16), size * MAX_INFLATION, source)
        : readPlain(in, size, source);
  }

  private static Tensor readPlain(InputStream in, long available, String source)
      throws IOException {
    byte[] magic = in.readNBytes(4);
    if (magic.length < 4 || magic[0] != 0 || magic[1] != 0) {
      throw new BadDataException(source + " is not an IDX file: it does not start with two zeros");
    }
    DType dtype =
        switch (magic[2]) {
          case 0x08 -> DType.UINT8;
          case 0x09 -> DType.INT8;
          case 0x0B -> DType.INT16;
          case 0x0C -> DType.INT32;
          case 0x0D -> DType.FLOAT32;
          case 0x0E -> DType.FLOAT64;
          default ->
              throw new BadDataException(
                  source + ": " + (magic[2] & 0xFF) + " is no element type of the IDX format");
        };
    int rank = magic[3] & 0xFF;
    byte[] sizes = in.readNBytes(4 * rank);
    if (sizes.length < 4 * rank) {
      throw new BadDataException(source + " ends within its header; it is cut off");
    }
    long[] dims = new long[rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = ByteBuffer.wrap(sizes).getInt(4 * i) & 0xFFFFFFFFL;
    }
    Shape shape = RawElements.checkedShape(dtype, dims, available - 4 - sizes.length, source);
    Tensor tensor = RawElements.allocate(dtype, shape, source);
    RawElements.fill(tensor, in, ByteOrder.BIG_ENDIAN, source);
    if (in.read() >= 0) {
      throw new BadDataException(source + ": more bytes follow the array that the header tells of");
    }
    return tensor;
  }
}
