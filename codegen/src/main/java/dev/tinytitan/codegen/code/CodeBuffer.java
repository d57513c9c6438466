package dev.tinytitan.codegen.code;

import java.util.Arrays;

/** Bytes that grow at the end, little-endian. Serves one thread. */
public final class CodeBuffer {
  /** More than any model's code; a generator that runs wild ends here. */
  private static final int MOST_BYTES = 1 << 28;

  private byte[] bytes = new byte[1024];
  private int size;

  /** An empty buffer. */
  public CodeBuffer() {}

  /** The number of bytes so far, which is the offset of the next one. */
  public int size() {
    return size;
  }

  /** Appends the low eight bits. */
  public void int8(int value) {
    if (size == bytes.length) {
      ensure(1);
    }
    bytes[size++] = (byte) value;
  }

  /** Makes room for so many more bytes. */
  private void ensure(int more) {
    int needed = Math.addExact(size, more);
    if (needed > MOST_BYTES) {
      throw new IllegalStateException("Generated code would exceed " + MOST_BYTES + " bytes.");
    }
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(needed, 2 * bytes.length));
    }
  }

  /** Appends four bytes. */
  public void int32(int value) {
    ensure(Integer.BYTES);
    setInt32(size, value);
    size += Integer.BYTES;
  }

  /** Appends eight bytes. */
  public void int64(long value) {
    int32((int) value);
    int32((int) (value >> 32));
  }

  /** Appends all of them. */
  public void bytes(byte[] values) {
    ensure(values.length);
    System.arraycopy(values, 0, bytes, size, values.length);
    size += values.length;
  }

  /** The four bytes from {@code offset} on. */
  public int int32At(int offset) {
    return (bytes[offset] & 0xFF)
        | (bytes[offset + 1] & 0xFF) << 8
        | (bytes[offset + 2] & 0xFF) << 16
        | bytes[offset + 3] << 24;
  }

  /** Writes four bytes over those from {@code offset} on. */
  public void setInt32(int offset, int value) {
    bytes[offset] = (byte) value;
    bytes[offset + 1] = (byte) (value >> 8);
    bytes[offset + 2] = (byte) (value >> 16);
    bytes[offset + 3] = (byte) (value >> 24);
  }

  /** A copy of all bytes. */
  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }
}
