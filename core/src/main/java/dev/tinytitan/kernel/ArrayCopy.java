package dev.tinytitan.kernel;

/** Copies elements between arrays of the same kind. */
final class ArrayCopy {
  private ArrayCopy() {}

  /** {@code to[toFrom + i * toStride] = from[fromFrom + i * fromStride]}. */
  static void strided(
      Object from, int fromFrom, int fromStride, Object to, int toFrom, int toStride, int count) {
    if (fromStride == 1 && toStride == 1) {
      System.arraycopy(from, fromFrom, to, toFrom, count);
      return;
    }
    switch (from) {
      case float[] array -> {
        float[] target = (float[]) to;
        for (int i = 0; i < count; i++) {
          target[toFrom + i * toStride] = array[fromFrom + i * fromStride];
        }
      }
      case byte[] array -> {
        byte[] target = (byte[]) to;
        for (int i = 0; i < count; i++) {
          target[toFrom + i * toStride] = array[fromFrom + i * fromStride];
        }
      }
      case long[] array -> {
        long[] target = (long[]) to;
        for (int i = 0; i < count; i++) {
          target[toFrom + i * toStride] = array[fromFrom + i * fromStride];
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          System.arraycopy(from, fromFrom + i * fromStride, to, toFrom + i * toStride, 1);
        }
      }
    }
  }
}
