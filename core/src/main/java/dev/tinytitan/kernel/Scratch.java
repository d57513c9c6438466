package dev.tinytitan.kernel;

import java.util.Arrays;

/** Working memory of one thread of a binding: shared by all kernels, one after the other. */
public final class Scratch {
  /** Floats of each of the {@link #rows}. */
  static final int ROW_LENGTH = 256;

  private final float[] floats;
  private final int[] ints;
  private final byte[] bytes;
  private float[][] rows = new float[0][];

  /** Memory of these sizes, in elements. */
  public Scratch(int floats, int ints, int bytes) {
    this.floats = new float[floats];
    this.ints = new int[ints];
    this.bytes = new byte[bytes];
  }

  /** At least as many floats as the kernel asked for. */
  public float[] floats() {
    return floats;
  }

  /** At least as many ints as the kernel asked for. */
  public int[] ints() {
    return ints;
  }

  /** At least as many bytes as the kernel asked for. */
  public byte[] bytes() {
    return bytes;
  }

  /**
   * At least {@code count} arrays of {@link #ROW_LENGTH} floats, made when first asked for. The
   * JVM's compiler vectorizes loops over several arrays only where it can tell that they do not
   * overlap: where they are walked with the same index.
   */
  float[][] rows(int count) {
    if (rows.length < count) {
      int before = rows.length;
      rows = Arrays.copyOf(rows, count);
      Arrays.setAll(rows, i -> i < before ? rows[i] : new float[ROW_LENGTH]);
    }
    return rows;
  }

  /** Bytes of memory that this holds. */
  public long byteSize() {
    return 4L * floats.length + 4L * ints.length + bytes.length + 4L * ROW_LENGTH * rows.length;
  }
}
