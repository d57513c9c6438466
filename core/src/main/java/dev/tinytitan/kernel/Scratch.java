package dev.tinytitan.kernel;

/** Working memory of one thread of a binding: shared by all kernels, one after the other. */
public final class Scratch {
  private final float[] floats;
  private final int[] ints;
  private final byte[] bytes;

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

  /** Bytes of memory that this holds. */
  public long byteSize() {
    return 4L * floats.length + 4L * ints.length + bytes.length;
  }
}
