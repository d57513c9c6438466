package dev.tinytitan.codegen.code;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Constants that lie behind the instructions, equal ones once. Each is aligned to its size, at most
 * to 64 bytes. Serves one thread.
 */
public final class ConstantPool {
  /** Vectors are at most this long, and so is a cache line. */
  private static final int MOST_ALIGNMENT = 64;

  private final Map<ByteBuffer, Label> constants = new LinkedHashMap<>();

  /** A pool without constants. */
  public ConstantPool() {}

  /** A place with these bytes. */
  public Label bytes(byte... values) {
    ByteBuffer key = ByteBuffer.wrap(values.clone()).asReadOnlyBuffer();
    return constants.computeIfAbsent(key, _ -> new Label("constant" + constants.size()));
  }

  /** A place with these values, four bytes each. */
  public Label ints(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      buffer.putInt(value);
    }
    return bytes(buffer.array());
  }

  /** A place with these values, four bytes each. */
  public Label floats(float... values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return ints(bits);
  }

  /** Appends all constants and binds their labels. */
  public void appendTo(CodeBuffer buffer) {
    constants.forEach((values, label) -> {
      int alignment =
          Math.min(MOST_ALIGNMENT, Integer.highestOneBit(Math.max(1, values.remaining())));
      while (buffer.size() % alignment != 0) {
        buffer.int8(0);
      }
      label.bind(buffer.size());
      byte[] copy = new byte[values.remaining()];
      values.duplicate().get(copy);
      buffer.bytes(copy);
    });
  }
}
