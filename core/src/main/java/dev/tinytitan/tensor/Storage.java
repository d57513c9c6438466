package dev.tinytitan.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Where a tensor's elements lie: one Java array per tensor, or a window of a mapped file. Elements
 * are raw: bytes, shorts, ints and so on; what they mean is the tensor's {@link DType}.
 */
abstract sealed class Storage {

  /** Elements that fit (bytes for byte storage, also where the dtype packs several into one). */
  abstract int capacity();

  byte byteAt(int index) {
    throw wrongKind();
  }

  short shortAt(int index) {
    throw wrongKind();
  }

  int intAt(int index) {
    throw wrongKind();
  }

  long longAt(int index) {
    throw wrongKind();
  }

  float floatAt(int index) {
    throw wrongKind();
  }

  double doubleAt(int index) {
    throw wrongKind();
  }

  private IllegalStateException wrongKind() {
    return new IllegalStateException("not an element type of " + getClass().getSimpleName());
  }

  /** The array beneath, or null for a mapped window. */
  abstract @Nullable Object array();

  static final class Bytes extends Storage {
    final byte[] array;

    Bytes(byte[] array) {
      this.array = array;
    }

    @Override
    int capacity() {
      return array.length;
    }

    @Override
    byte byteAt(int index) {
      return array[index];
    }

    @Override
    byte[] array() {
      return array;
    }
  }

  static final class Shorts extends Storage {
    final short[] array;

    Shorts(short[] array) {
      this.array = array;
    }

    @Override
    int capacity() {
      return array.length;
    }

    @Override
    short shortAt(int index) {
      return array[index];
    }

    @Override
    short[] array() {
      return array;
    }
  }

  static final class Ints extends Storage {
    final int[] array;

    Ints(int[] array) {
      this.array = array;
    }

    @Override
    int capacity() {
      return array.length;
    }

    @Override
    int intAt(int index) {
      return array[index];
    }

    @Override
    int[] array() {
      return array;
    }
  }

  static final class Longs extends Storage {
    final long[] array;

    Longs(long[] array) {
      this.array = array;
    }

    @Override
    int capacity() {
      return array.length;
    }

    @Override
    long longAt(int index) {
      return array[index];
    }

    @Override
    long[] array() {
      return array;
    }
  }

  static final class Floats extends Storage {
    final float[] array;

    Floats(float[] array) {
      this.array = array;
    }

    @Override
    int capacity() {
      return array.length;
    }

    @Override
    float floatAt(int index) {
      return array[index];
    }

    @Override
    float[] array() {
      return array;
    }
  }

  static final class Doubles extends Storage {
    final double[] array;

    Doubles(double[] array) {
      this.array = array;
    }

    @Override
    int capacity() {
      return array.length;
    }

    @Override
    double doubleAt(int index) {
      return array[index];
    }

    @Override
    double[] array() {
      return array;
    }
  }

  static final class Strings extends Storage {
    final String[] array;

    Strings(String[] array) {
      this.array = array;
    }

    @Override
    int capacity() {
      return array.length;
    }

    @Override
    String[] array() {
      return array;
    }
  }

  /** A read-only little-endian window of a mapped file. */
  static final class Mapped extends Storage {
    final ByteBuffer bytes;

    Mapped(ByteBuffer bytes) {
      this.bytes = bytes.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    int capacity() {
      return bytes.capacity();
    }

    @Override
    byte byteAt(int index) {
      return bytes.get(index);
    }

    @Override
    short shortAt(int index) {
      return bytes.getShort(index * 2);
    }

    @Override
    int intAt(int index) {
      return bytes.getInt(index * 4);
    }

    @Override
    long longAt(int index) {
      return bytes.getLong(index * 8);
    }

    @Override
    float floatAt(int index) {
      return bytes.getFloat(index * 4);
    }

    @Override
    double doubleAt(int index) {
      return bytes.getDouble(index * 8);
    }

    @Override
    @Nullable Object array() {
      return null;
    }
  }
}
