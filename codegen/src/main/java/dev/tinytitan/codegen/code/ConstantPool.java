package dev.tinytitan.codegen.code;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Constants that lie behind the instructions, equal ones once. Each is aligned to its size, at most
 * to 64 bytes. Serves one thread.
 */
public final class ConstantPool {
  /** Vectors are at most this long, and so is a cache line. */
  private static final int MOST_ALIGNMENT = 64;

  /** Bytes as a key; hashed and compared by the JVM's vector code, before anything is compiled. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by contents, and never changed.
  private record Constant(byte[] bytes) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Constant that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  private final Map<Constant, Label> constants = new LinkedHashMap<>();

  /** A pool without constants. */
  public ConstantPool() {}

  /** A place with these bytes. */
  public Label bytes(byte... values) {
    Constant key = new Constant(values.clone());
    Label label = constants.get(key);
    if (label == null) {
      label = new Label("constant" + constants.size());
      constants.put(key, label);
    }
    return label;
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
    for (Map.Entry<Constant, Label> constant : constants.entrySet()) {
      byte[] values = constant.getKey().bytes();
      int alignment = Math.min(MOST_ALIGNMENT, Integer.highestOneBit(Math.max(1, values.length)));
      while (buffer.size() % alignment != 0) {
        buffer.int8(0);
      }
      constant.getValue().bind(buffer.size());
      buffer.bytes(values);
    }
  }
}
