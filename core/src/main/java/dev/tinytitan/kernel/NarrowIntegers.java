package dev.tinytitan.kernel;

import dev.tinytitan.tensor.Tensor;

/** Integers of 8 and 4 bits as floats, in loops that the JVM's compiler vectorizes. */
final class NarrowIntegers {
  private NarrowIntegers() {}

  /**
   * Writes the first {@code count} elements.
   *
   * @param x of integers of 8 or 4 bits; those of a mapped file are read one by one
   */
  static void widen(Tensor x, float[] y, int count) {
    if (!(x.array() instanceof byte[] bytes)) {
      for (int i = 0; i < count; i++) {
        y[i] = x.getInt(i);
      }
      return;
    }
    boolean unsigned = x.dtype().isUnsigned();
    if (x.dtype().bits() == 4) {
      widenHalves(bytes, unsigned ? 0 : 8, y, count);
    } else if (unsigned) {
      for (int i = 0; i < count; i++) {
        y[i] = bytes[i] & 0xFF;
      }
    } else {
      for (int i = 0; i < count; i++) {
        y[i] = bytes[i];
      }
    }
  }

  /**
   * The earlier element lies in a byte's low half.
   *
   * @param sign the value of a half's sign bit; 0 if it has none
   */
  private static void widenHalves(byte[] bytes, int sign, float[] y, int count) {
    for (int i = 0; i < count / 2; i++) {
      int pair = bytes[i];
      y[2 * i] = ((pair & 0xF) ^ sign) - sign;
      y[2 * i + 1] = ((pair >> 4 & 0xF) ^ sign) - sign;
    }
    if (count % 2 > 0) {
      y[count - 1] = ((bytes[count / 2] & 0xF) ^ sign) - sign;
    }
  }
}
