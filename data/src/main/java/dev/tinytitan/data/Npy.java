package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.io.AtomicFile;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads and writes npy files, one NumPy array each. Versions 1.0 to 3.0, both byte orders, C and
 * Fortran order; bool, (u)int8 to (u)int64, float16 to float64.
 */
public final class Npy {
  private Npy() {}

  /**
   * Reads an array into memory, row-major.
   *
   * @throws BadDataException if the file cannot be read, is damaged, or holds other element types
   * @throws dev.tinytitan.OverBudgetException if the array does not fit the heap
   */
  public static Tensor read(Path file) {
    try (NpyReader reader = open(file)) {
      return reader.readAll();
    } catch (IOException e) {
      throw BadDataException.unreadable(file.toString(), e);
    }
  }

  /**
   * Writes an array: version 1.0, little-endian, C order. Writes to a temporary name and moves.
   *
   * @throws BadDataException if the file cannot be written, or NumPy has no such element type
   *     ({@link DType#BFLOAT16}, float8, 4 bits and fewer, strings)
   */
  public static void write(Path file, Tensor tensor) {
    AtomicFile.write(file, out -> write(out, tensor));
  }

  static NpyReader open(Path file) throws IOException {
    BufferedInputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      return new NpyReader(in, Files.size(file), file.toString());
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  static void write(OutputStream out, Tensor tensor) throws IOException {
    out.write(NpyHeader.write(tensor.dtype(), tensor.shape().toArray()));
    WritableByteChannel channel = Channels.newChannel(out);
    channel.write(tensor.rawBytes());
  }
}
