package dev.tinytitan.codegen.chain;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Moves values between buffers and tensors as ONNX has them: channel by channel, int8 signed. */
final class Transfers {
  private Transfers() {}

  /**
   * Copies the bytes of one image of a tensor into a buffer.
   *
   * @param from int8 or uint8
   */
  static void read(Tensor from, int image, MemorySegment memory, Buffer to) {
    byte[] array = from.byteArray();
    int flip = to.storedOffset();
    int plane = to.height() * to.width();
    int start = image * plane * to.channels();
    boolean matrix = isMatrix(from);
    for (int row = 0; row < to.height(); row++) {
      for (int column = 0; column < to.width(); column++) {
        long place = to.inside() + (long) row * to.rowBytes() + (long) column * to.pixelBytes();
        int index = row * to.width() + column;
        for (int channel = 0; channel < to.channels(); channel++) {
          int at = matrix ? index * to.channels() + channel : channel * plane + index;
          memory.set(ValueLayout.JAVA_BYTE, place + channel, (byte) (array[start + at] ^ flip));
        }
      }
    }
  }

  /** Copies a buffer's values into one image of a tensor of its dtype. */
  static void write(MemorySegment memory, Buffer from, Tensor to, int image) {
    boolean floats = from.dtype() == DType.FLOAT32;
    int plane = from.height() * from.width();
    int start = image * plane * from.channels();
    boolean matrix = isMatrix(to);
    int flip = from.storedOffset();
    for (int row = 0; row < from.height(); row++) {
      for (int column = 0; column < from.width(); column++) {
        long place =
            from.inside() + (long) row * from.rowBytes() + (long) column * from.pixelBytes();
        int index = row * from.width() + column;
        for (int channel = 0; channel < from.channels(); channel++) {
          int at = matrix ? index * from.channels() + channel : channel * plane + index;
          if (floats) {
            to.floatArray()[start + at] = memory.get(ValueLayout.JAVA_FLOAT, place + 4L * channel);
          } else {
            byte stored = memory.get(ValueLayout.JAVA_BYTE, place + channel);
            to.byteArray()[start + at] = (byte) (stored ^ flip);
          }
        }
      }
    }
  }

  /** A matrix lies row by row; a feature map channel by channel. */
  private static boolean isMatrix(Tensor tensor) {
    return tensor.shape().rank() == 2;
  }
}
