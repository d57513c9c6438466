package dev.tinytitan.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a file, in memory or mapped, at offsets of 64 bits. Read-only and safe for
 * concurrent reading.
 *
 * <p>Files from {@link #MAP_FROM} bytes on are mapped: their pages are shared and cost no heap. A
 * mapping lasts until it is collected, so smaller files are read instead: programs that load and
 * drop thousands of small models do not pile up mappings.
 */
final class ByteSource {
  /** Files of at least this many bytes are mapped. */
  static final long MAP_FROM = 1 << 20;

  /**
   * Windows start this far apart. Each reaches up to twice as far, so that a slice of up to this
   * size always lies within one window, wherever it starts.
   */
  private static final int WINDOW_BITS = 30;

  private static final long WINDOW_STEP = 1L << WINDOW_BITS;
  private static final long WINDOW_SIZE = Integer.MAX_VALUE;

  private final ByteBuffer[] windows;
  private final long size;
  private final boolean mapped;

  private ByteSource(ByteBuffer[] windows, long size, boolean mapped) {
    this.windows = windows;
    this.size = size;
    this.mapped = mapped;
  }

  /** These bytes, not copied. */
  static ByteSource of(byte[] bytes) {
    return new ByteSource(new ByteBuffer[] {ByteBuffer.wrap(bytes)}, bytes.length, false);
  }

  /** The bytes of a regular file. */
  static ByteSource open(Path file) throws IOException {
    if (Files.size(file) < MAP_FROM) {
      return of(Files.readAllBytes(file));
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      List<ByteBuffer> windows = new ArrayList<>();
      for (long start = 0; start < size; start += WINDOW_STEP) {
        windows.add(channel.map(MapMode.READ_ONLY, start, Math.min(WINDOW_SIZE, size - start)));
      }
      return new ByteSource(windows.toArray(new ByteBuffer[0]), size, true);
    }
  }

  /** The number of bytes. */
  long size() {
    return size;
  }

  /** True if the bytes are mapped from a file and not in the heap. */
  boolean isMapped() {
    return mapped;
  }

  /** The byte at an offset, which the caller has checked. */
  byte get(long offset) {
    return windows[(int) (offset >> WINDOW_BITS)].get((int) (offset & (WINDOW_STEP - 1)));
  }

  /**
   * A read-only view of some bytes; the caller has checked that they lie within the file.
   *
   * @throws IllegalArgumentException if they do not lie within one window, which can happen only
   *     with more than 2³⁰ bytes
   */
  ByteBuffer slice(long offset, long length) {
    if (length == 0) {
      return ByteBuffer.allocate(0);
    }
    ByteBuffer window = windows[(int) (offset >> WINDOW_BITS)];
    long start = offset & (WINDOW_STEP - 1);
    if (start + length > window.capacity()) {
      throw new IllegalArgumentException("a tensor of " + length + " bytes is too large");
    }
    return window.slice((int) start, (int) length).asReadOnlyBuffer();
  }
}
