package dev.tinytitan.codegen.chain;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Moves values between buffers and tensors as ONNX has them: channel by channel, int8 signed. */
final class Transfers {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private Transfers() {}

  /** Channels that are moved together, as one integer. */
  private static final int GROUP = 4;

  /**
   * Copies the bytes of one image of a tensor into a buffer.
   *
   * @param from int8 or uint8
   */
  static void read(Tensor from, int image, MemorySegment memory, Buffer to) {
    byte[] array = from.byteArray();
    int flip = 0x01010101 * to.storedOffset();
    int plane = to.height() * to.width();
    int start = image * plane * to.channels();
    boolean matrix = isMatrix(from);
    // From one channel to the next, and from one place to the next.
    int channelStep = matrix ? 1 : plane;
    int placeStep = matrix ? to.channels() : 1;
    int whole = to.channels() / GROUP * GROUP;
    if (matrix && flip == 0 && isContiguous(to)) {
      MemorySegment.copy(array, start, memory, BYTE, to.inside(), to.height() * to.channels());
      return;
    }
    for (int row = 0; row < to.height(); row++) {
      if (matrix && flip == 0) {
        long place = to.inside() + (long) row * to.rowBytes();
        MemorySegment.copy(array, start + row * to.channels(), memory, BYTE, place, to.channels());
        continue;
      }
      for (int channel = 0; channel < whole; channel += GROUP) {
        int at = start + channel * channelStep + row * to.width() * placeStep;
        long place = to.inside() + (long) row * to.rowBytes() + channel;
        for (int column = 0; column < to.width(); column++) {
          int group =
              (array[at] & 0xFF)
                  | (array[at + channelStep] & 0xFF) << 8
                  | (array[at + 2 * channelStep] & 0xFF) << 16
                  | array[at + 3 * channelStep] << 24;
          memory.set(INT, place, group ^ flip);
          at += placeStep;
          place += to.pixelBytes();
        }
      }
      for (int channel = whole; channel < to.channels(); channel++) {
        int at = start + channel * channelStep + row * to.width() * placeStep;
        long place = to.inside() + (long) row * to.rowBytes() + channel;
        for (int column = 0; column < to.width(); column++) {
          memory.set(BYTE, place, (byte) (array[at] ^ flip));
          at += placeStep;
          place += to.pixelBytes();
        }
      }
    }
  }

  /** Copies a buffer's values into one image of a tensor of its dtype. */
  static void write(MemorySegment memory, Buffer from, Tensor to, int image) {
    int plane = from.height() * from.width();
    int start = image * plane * from.channels();
    boolean matrix = isMatrix(to);
    int channelStep = matrix ? 1 : plane;
    int placeStep = matrix ? from.channels() : 1;
    boolean floats = from.dtype() == DType.FLOAT32;
    if (matrix && from.dtype() == DType.UINT8 && isContiguous(from)) {
      int length = from.height() * from.channels();
      MemorySegment.copy(memory, BYTE, from.inside(), to.byteArray(), start, length);
      return;
    }
    for (int row = 0; row < from.height(); row++) {
      long place = from.inside() + (long) row * from.rowBytes();
      int at = start + row * from.width() * placeStep;
      if (matrix && from.dtype() == DType.UINT8) {
        MemorySegment.copy(memory, BYTE, place, to.byteArray(), at, from.channels());
      } else if (floats) {
        writeFloats(memory, from, place, to.floatArray(), at, placeStep, channelStep);
      } else {
        writeBytes(memory, from, place, to.byteArray(), at, placeStep, channelStep);
      }
    }
  }

  private static void writeFloats(
      MemorySegment memory,
      Buffer from,
      long rowPlace,
      float[] array,
      int rowAt,
      int placeStep,
      int channelStep) {
    for (int channel = 0; channel < from.channels(); channel++) {
      long place = rowPlace + 4L * channel;
      int at = rowAt + channel * channelStep;
      for (int column = 0; column < from.width(); column++) {
        array[at] = memory.get(ValueLayout.JAVA_FLOAT, place);
        at += placeStep;
        place += from.pixelBytes();
      }
    }
  }

  private static void writeBytes(
      MemorySegment memory,
      Buffer from,
      long rowPlace,
      byte[] array,
      int rowAt,
      int placeStep,
      int channelStep) {
    int flip = 0x01010101 * from.storedOffset();
    int whole = from.channels() / GROUP * GROUP;
    for (int channel = 0; channel < whole; channel += GROUP) {
      long place = rowPlace + channel;
      int at = rowAt + channel * channelStep;
      for (int column = 0; column < from.width(); column++) {
        int group = memory.get(INT, place) ^ flip;
        array[at] = (byte) group;
        array[at + channelStep] = (byte) (group >> 8);
        array[at + 2 * channelStep] = (byte) (group >> 16);
        array[at + 3 * channelStep] = (byte) (group >> 24);
        at += placeStep;
        place += from.pixelBytes();
      }
    }
    for (int channel = whole; channel < from.channels(); channel++) {
      long place = rowPlace + channel;
      int at = rowAt + channel * channelStep;
      for (int column = 0; column < from.width(); column++) {
        array[at] = (byte) (memory.get(BYTE, place) ^ flip);
        at += placeStep;
        place += from.pixelBytes();
      }
    }
  }

  /** Whether the rows of a matrix follow each other without gaps. */
  private static boolean isContiguous(Buffer buffer) {
    return buffer.rowBytes() == buffer.channels();
  }

  /** A matrix lies row by row; a feature map channel by channel. */
  private static boolean isMatrix(Tensor tensor) {
    return tensor.shape().rank() == 2;
  }
}
