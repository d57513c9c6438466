package dev.tinytitan.tensor;

import dev.tinytitan.Experimental;
import dev.tinytitan.ShapeMismatchException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A dense, row-major array of one element type.
 *
 * <p>Dtype and shape never change; elements may, through the setters and {@link #copyFrom}, unless
 * the tensor is a window of a mapped file. A tensor is safe for concurrent reading; whoever writes
 * one must not share it meanwhile. Two tensors are equal if dtype, shape and all elements (by bits)
 * are.
 *
 * <p>Indices of the element accessors are flat, in row-major order.
 */
public final class Tensor {
  private final DType dtype;
  private final Shape shape;
  private final Storage storage;

  private Tensor(DType dtype, Shape shape, Storage storage) {
    this.dtype = dtype;
    this.shape = shape;
    this.storage = storage;
    long needed = storageElements(dtype, shape.size());
    if (storage instanceof Storage.Mapped) {
      needed = dtype.byteSize(shape.size());
    }
    if (storage.capacity() < needed) {
      throw new ShapeMismatchException(
          "A "
              + dtype
              + " tensor of shape "
              + shape
              + " needs "
              + needed
              + " elements of storage, but "
              + storage.capacity()
              + " were given.");
    }
  }

  private static long storageElements(DType dtype, int size) {
    return switch (dtype) {
      case COMPLEX64, COMPLEX128 -> 2L * size;
      case STRING -> size;
      default -> dtype.bits() < 8 ? dtype.byteSize(size) : size;
    };
  }

  // Making tensors. Arrays are used, not copied.

  /**
   * A float32 tensor over {@code data} (not copied); without dimensions, a vector of its length.
   */
  public static Tensor of(float[] data, int... dims) {
    return exact(DType.FLOAT32, data.length, dims, new Storage.Floats(data));
  }

  /** A float64 tensor over {@code data} (not copied); without dimensions, a vector. */
  public static Tensor of(double[] data, int... dims) {
    return exact(DType.FLOAT64, data.length, dims, new Storage.Doubles(data));
  }

  /** An int64 tensor over {@code data} (not copied); without dimensions, a vector. */
  public static Tensor of(long[] data, int... dims) {
    return exact(DType.INT64, data.length, dims, new Storage.Longs(data));
  }

  /** An int32 tensor over {@code data} (not copied); without dimensions, a vector. */
  public static Tensor of(int[] data, int... dims) {
    return exact(DType.INT32, data.length, dims, new Storage.Ints(data));
  }

  /** An int8 tensor over {@code data} (not copied); without dimensions, a vector. */
  public static Tensor of(byte[] data, int... dims) {
    return exact(DType.INT8, data.length, dims, new Storage.Bytes(data));
  }

  /** A uint8 tensor over {@code data} (not copied); without dimensions, a vector. */
  public static Tensor ofUnsigned(byte[] data, int... dims) {
    return exact(DType.UINT8, data.length, dims, new Storage.Bytes(data));
  }

  /** A bool tensor of these values; without dimensions, a vector. */
  public static Tensor of(boolean[] data, int... dims) {
    byte[] bytes = new byte[data.length];
    for (int i = 0; i < data.length; i++) {
      bytes[i] = (byte) (data[i] ? 1 : 0);
    }
    return exact(DType.BOOL, data.length, dims, new Storage.Bytes(bytes));
  }

  /** A string tensor over {@code data} (not copied); without dimensions, a vector. */
  public static Tensor of(String[] data, int... dims) {
    return exact(DType.STRING, data.length, dims, new Storage.Strings(data));
  }

  /** A float32 scalar. */
  public static Tensor scalar(float value) {
    return new Tensor(DType.FLOAT32, Shape.scalar(), new Storage.Floats(new float[] {value}));
  }

  /** An int64 scalar. */
  public static Tensor scalar(long value) {
    return new Tensor(DType.INT64, Shape.scalar(), new Storage.Longs(new long[] {value}));
  }

  private static Tensor exact(DType dtype, int length, int[] dims, Storage storage) {
    Shape shape = dims.length == 0 ? Shape.of(length) : Shape.of(dims);
    if (shape.size() != length) {
      throw new ShapeMismatchException(
          "A tensor of shape "
              + shape
              + " takes "
              + shape.size()
              + " elements, but the array has "
              + length
              + ".");
    }
    return new Tensor(dtype, shape, storage);
  }

  /** A new tensor of zeros (empty strings for strings, false for bool). */
  public static Tensor zeros(DType dtype, Shape shape) {
    long elements = storageElements(dtype, shape.size());
    if (elements > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "a " + dtype + " tensor of shape " + shape + " is too large");
    }
    return new Tensor(dtype, shape, arrayStorage(dtype, (int) elements));
  }

  private static Storage arrayStorage(DType dtype, int elements) {
    return switch (dtype) {
      case FLOAT32, COMPLEX64 -> new Storage.Floats(new float[elements]);
      case FLOAT64, COMPLEX128 -> new Storage.Doubles(new double[elements]);
      case INT64, UINT64 -> new Storage.Longs(new long[elements]);
      case INT32, UINT32 -> new Storage.Ints(new int[elements]);
      case INT16, UINT16, FLOAT16, BFLOAT16 -> new Storage.Shorts(new short[elements]);
      case STRING -> {
        String[] strings = new String[elements];
        Arrays.fill(strings, "");
        yield new Storage.Strings(strings);
      }
      default -> new Storage.Bytes(new byte[elements]);
    };
  }

  /**
   * A tensor over the front of a Java array of the dtype's kind: {@code float[]} for float32 and
   * complex64 (interleaved), {@code double[]}, {@code long[]} for (u)int64, {@code int[]} for
   * (u)int32, {@code short[]} for 16-bit types, {@code byte[]} for all of 8 bits or fewer (packed),
   * {@code String[]}. The array may be longer than the tensor: planned slots are shared so.
   *
   * @throws ShapeMismatchException if the array is too short
   * @throws IllegalArgumentException if it is of another kind
   */
  @Experimental
  public static Tensor over(DType dtype, Shape shape, Object array) {
    Storage storage = storage(array);
    if (arrayStorage(dtype, 0).getClass() != storage.getClass()) {
      throw new IllegalArgumentException(
          "a " + dtype + " tensor does not lie in a " + array.getClass().getSimpleName());
    }
    return new Tensor(dtype, shape, storage);
  }

  /** By comparisons, as in {@link #copyFrom}: plans are made while a program starts. */
  private static Storage storage(Object array) {
    if (array instanceof float[] floats) {
      return new Storage.Floats(floats);
    }
    if (array instanceof byte[] bytes) {
      return new Storage.Bytes(bytes);
    }
    if (array instanceof int[] ints) {
      return new Storage.Ints(ints);
    }
    if (array instanceof long[] longs) {
      return new Storage.Longs(longs);
    }
    if (array instanceof double[] doubles) {
      return new Storage.Doubles(doubles);
    }
    if (array instanceof short[] shorts) {
      return new Storage.Shorts(shorts);
    }
    if (array instanceof String[] strings) {
      return new Storage.Strings(strings);
    }
    throw new IllegalArgumentException("no array: " + array.getClass());
  }

  /**
   * A read-only tensor over little-endian bytes, such as a window of a mapped file, without
   * copying.
   *
   * @throws ShapeMismatchException if {@code bytes} has too few remaining
   * @throws IllegalArgumentException for strings
   */
  public static Tensor mapped(DType dtype, Shape shape, ByteBuffer bytes) {
    if (dtype == DType.STRING) {
      throw new IllegalArgumentException("strings have no raw bytes");
    }
    return new Tensor(dtype, shape, new Storage.Mapped(bytes));
  }

  // What it is.

  /** The element type. */
  public DType dtype() {
    return dtype;
  }

  /** The sizes of the dimensions. */
  public Shape shape() {
    return shape;
  }

  /** The number of elements. */
  public int size() {
    return shape.size();
  }

  /** Bytes of the elements when packed; 0 for strings. */
  public long byteSize() {
    return dtype.byteSize(shape.size());
  }

  /** True if this is a read-only window of a mapped file. */
  public boolean isMapped() {
    return storage instanceof Storage.Mapped;
  }

  /**
   * The same elements under another shape of the same size; no copy.
   *
   * @throws ShapeMismatchException if the sizes differ
   */
  public Tensor reshape(Shape newShape) {
    if (newShape.size() != shape.size()) {
      throw new ShapeMismatchException(
          "A tensor of shape " + shape + " cannot be seen as " + newShape + ": sizes differ.");
    }
    return new Tensor(dtype, newShape, storage);
  }

  /** A copy that owns a Java array of just its size, whatever this one lies over. */
  public Tensor copy() {
    Tensor copy = zeros(dtype, shape);
    copy.copyFrom(this);
    return copy;
  }

  // Elements, converted.

  /**
   * Element {@code index} as a float: any numeric dtype, converted; unsigned integers as such; true
   * as 1.
   */
  public float getFloat(int index) {
    return switch (dtype) {
      case FLOAT32 -> storage.floatAt(index);
      case FLOAT64 -> (float) storage.doubleAt(index);
      case FLOAT16 -> Float.float16ToFloat(storage.shortAt(index));
      case BFLOAT16 -> NarrowFloat.fromBfloat16(storage.shortAt(index));
      case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0 ->
          NarrowFloat.decode(dtype, storage.byteAt(index));
      case FLOAT4E2M1 -> NarrowFloat.decode(dtype, packedAt(index, 4));
      case UINT64 -> (float) unsignedToDouble(storage.longAt(index));
      default -> (float) getLong(index);
    };
  }

  /** Element {@code index} as a double: any numeric dtype, converted. */
  public double getDouble(int index) {
    return switch (dtype) {
      case FLOAT64 -> storage.doubleAt(index);
      case UINT64 -> unsignedToDouble(storage.longAt(index));
      default -> dtype.isFloat() ? getFloat(index) : (double) getLong(index);
    };
  }

  /**
   * Element {@code index} as a long: integers exactly (uint64 by its bits), floats cut towards
   * zero, true as 1.
   */
  public long getLong(int index) {
    return switch (dtype) {
      case INT64, UINT64 -> storage.longAt(index);
      case INT32 -> storage.intAt(index);
      case UINT32 -> storage.intAt(index) & 0xFFFFFFFFL;
      case INT16 -> storage.shortAt(index);
      case UINT16 -> storage.shortAt(index) & 0xFFFF;
      case INT8 -> storage.byteAt(index);
      case UINT8 -> storage.byteAt(index) & 0xFF;
      case BOOL -> storage.byteAt(index) != 0 ? 1 : 0;
      case UINT4 -> packedAt(index, 4);
      case INT4 -> (packedAt(index, 4) << 28) >> 28;
      case UINT2 -> packedAt(index, 2);
      case INT2 -> (packedAt(index, 2) << 30) >> 30;
      case FLOAT64 -> (long) storage.doubleAt(index);
      case STRING, COMPLEX64, COMPLEX128 ->
          throw new IllegalStateException("no number in a " + dtype + " tensor");
      default -> (long) getFloat(index);
    };
  }

  /** Element {@code index} as an int, as {@link #getLong} cut to its low 32 bits. */
  public int getInt(int index) {
    return (int) getLong(index);
  }

  /** Element {@code index} as a truth value: anything but zero. */
  public boolean getBoolean(int index) {
    return dtype.isFloat() ? getDouble(index) != 0 : getLong(index) != 0;
  }

  /**
   * Element {@code index} of a string tensor.
   *
   * @throws IllegalStateException for other dtypes
   */
  public String getString(int index) {
    if (storage instanceof Storage.Strings strings) {
      return strings.array[index];
    }
    throw new IllegalStateException("no string in a " + dtype + " tensor");
  }

  /**
   * Component {@code part} (0 real, 1 imaginary) of element {@code index} of a complex tensor.
   *
   * @throws IllegalStateException for other dtypes
   */
  public double getComplex(int index, int part) {
    return switch (dtype) {
      case COMPLEX64 -> storage.floatAt(2 * index + part);
      case COMPLEX128 -> storage.doubleAt(2 * index + part);
      default -> throw new IllegalStateException("not a complex tensor: " + dtype);
    };
  }

  private static double unsignedToDouble(long bits) {
    double high = (bits >>> 1) * 2.0;
    return bits >= 0 ? bits : high + (bits & 1);
  }

  private int packedAt(int index, int bits) {
    int perByte = 8 / bits;
    return (storage.byteAt(index / perByte) >> (index % perByte * bits)) & ((1 << bits) - 1);
  }

  // Writing.

  /**
   * Sets element {@code index} from a float: floating-point types rounded to nearest even
   * (saturating for float8 and float4), integers cut towards zero and wrapped.
   *
   * @throws IllegalStateException if this tensor is mapped
   */
  public void setFloat(int index, float value) {
    switch (dtype) {
      case FLOAT32 -> floatArray()[index] = value;
      case FLOAT64 -> doubleArray()[index] = value;
      case FLOAT16 -> shortArray()[index] = Float.floatToFloat16(value);
      case BFLOAT16 -> shortArray()[index] = NarrowFloat.toBfloat16(value);
      case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0 ->
          byteArray()[index] = (byte) NarrowFloat.encode(dtype, value, true);
      case FLOAT4E2M1 -> setPacked(index, 4, NarrowFloat.encode(dtype, value, true));
      case BOOL -> byteArray()[index] = (byte) (value != 0 ? 1 : 0);
      default -> setLong(index, (long) value);
    }
  }

  /** Sets element {@code index} from a double, as {@link #setFloat} but float64 exactly. */
  public void setDouble(int index, double value) {
    switch (dtype) {
      case FLOAT64 -> doubleArray()[index] = value;
      case BOOL -> byteArray()[index] = (byte) (value != 0 ? 1 : 0);
      default -> {
        if (dtype.isFloat()) {
          setFloat(index, (float) value);
        } else {
          setLong(index, (long) value);
        }
      }
    }
  }

  /**
   * Sets element {@code index} from a long: integers by their low bits, floats converted, bool by
   * non-zero.
   */
  public void setLong(int index, long value) {
    switch (dtype) {
      case INT64, UINT64 -> longArray()[index] = value;
      case INT32, UINT32 -> intArray()[index] = (int) value;
      case INT16, UINT16 -> shortArray()[index] = (short) value;
      case INT8, UINT8 -> byteArray()[index] = (byte) value;
      case BOOL -> byteArray()[index] = (byte) (value != 0 ? 1 : 0);
      case UINT4, INT4 -> setPacked(index, 4, (int) value & 0xF);
      case UINT2, INT2 -> setPacked(index, 2, (int) value & 0x3);
      case FLOAT64 -> doubleArray()[index] = value;
      case STRING, COMPLEX64, COMPLEX128 ->
          throw new IllegalStateException("no number in a " + dtype + " tensor");
      default -> setFloat(index, (float) value);
    }
  }

  /** Sets element {@code index} from a truth value, as 1 or 0. */
  public void setBoolean(int index, boolean value) {
    setLong(index, value ? 1 : 0);
  }

  /**
   * Sets the raw bits of element {@code index} of a type of 8 bits or fewer.
   *
   * @throws IllegalStateException for wider types
   */
  public void setRawBits(int index, int bits) {
    if (dtype.bits() == 8) {
      byteArray()[index] = (byte) bits;
    } else if (dtype.bits() > 0 && dtype.bits() < 8) {
      setPacked(index, dtype.bits(), bits & ((1 << dtype.bits()) - 1));
    } else {
      throw new IllegalStateException(dtype + " is wider than 8 bits");
    }
  }

  /** Sets component {@code part} (0 real, 1 imaginary) of element {@code index}. */
  public void setComplex(int index, int part, double value) {
    if (dtype == DType.COMPLEX64) {
      floatArray()[2 * index + part] = (float) value;
    } else if (dtype == DType.COMPLEX128) {
      doubleArray()[2 * index + part] = value;
    } else {
      throw new IllegalStateException("not a complex tensor: " + dtype);
    }
  }

  private void setPacked(int index, int bits, int value) {
    byte[] bytes = byteArray();
    int perByte = 8 / bits;
    int at = index % perByte * bits;
    int mask = ((1 << bits) - 1) << at;
    bytes[index / perByte] = (byte) ((bytes[index / perByte] & ~mask) | (value << at));
  }

  /**
   * Copies one element, bits unchanged, from a tensor of the same dtype: what moving operators
   * (Gather, Transpose) need.
   */
  public void copyElement(int index, Tensor source, int sourceIndex) {
    if (source.dtype != dtype) {
      throw new IllegalArgumentException("cannot copy " + source.dtype + " into " + dtype);
    }
    switch (storage) {
      case Storage.Floats floats when dtype == DType.FLOAT32 ->
          floats.array[index] = source.storage.floatAt(sourceIndex);
      case Storage.Floats floats -> {
        floats.array[2 * index] = source.storage.floatAt(2 * sourceIndex);
        floats.array[2 * index + 1] = source.storage.floatAt(2 * sourceIndex + 1);
      }
      case Storage.Doubles doubles when dtype == DType.FLOAT64 ->
          doubles.array[index] = source.storage.doubleAt(sourceIndex);
      case Storage.Doubles doubles -> {
        doubles.array[2 * index] = source.storage.doubleAt(2 * sourceIndex);
        doubles.array[2 * index + 1] = source.storage.doubleAt(2 * sourceIndex + 1);
      }
      case Storage.Longs longs -> longs.array[index] = source.storage.longAt(sourceIndex);
      case Storage.Ints ints -> ints.array[index] = source.storage.intAt(sourceIndex);
      case Storage.Shorts shorts -> shorts.array[index] = source.storage.shortAt(sourceIndex);
      case Storage.Strings strings -> strings.array[index] = source.getString(sourceIndex);
      case Storage.Bytes bytes when dtype.bits() == 8 ->
          bytes.array[index] = source.storage.byteAt(sourceIndex);
      case Storage.Bytes packed ->
          setPacked(index, dtype.bits(), source.packedAt(sourceIndex, dtype.bits()));
      case Storage.Mapped mapped -> throw readOnly();
    }
  }

  /**
   * Copies elements that follow one another, bits unchanged, from a tensor of the same dtype.
   *
   * @param index where the first one goes
   * @param sourceIndex where the first one lies in the source
   */
  public void copyElements(int index, Tensor source, int sourceIndex, int count) {
    Object target = storage.array();
    Object from = source.storage.array();
    boolean packed = dtype.bits() > 0 && dtype.bits() < 8;
    if (source.dtype != dtype || target == null || from == null || packed) {
      for (int i = 0; i < count; i++) {
        copyElement(index + i, source, sourceIndex + i);
      }
      return;
    }
    int width = dtype == DType.COMPLEX64 || dtype == DType.COMPLEX128 ? 2 : 1;
    System.arraycopy(from, sourceIndex * width, target, index * width, count * width);
  }

  /**
   * Copies all elements from {@code source}.
   *
   * @throws ShapeMismatchException if dtype or shape differ
   * @throws IllegalStateException if this tensor is mapped
   */
  public void copyFrom(Tensor source) {
    if (source.dtype != dtype || !source.shape.equals(shape)) {
      throw new ShapeMismatchException(
          "Cannot copy "
              + source.dtype
              + " "
              + source.shape
              + " into "
              + dtype
              + " "
              + shape
              + ".");
    }
    int elements = (int) storageElements(dtype, shape.size());
    Object target = storage.array();
    if (target == null) {
      throw readOnly();
    }
    Object from = source.storage.array();
    if (from != null) {
      System.arraycopy(from, 0, target, 0, elements);
      return;
    }
    ByteBuffer bytes =
        ((Storage.Mapped) source.storage).bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    // Comparisons, not a switch over classes: the first of those takes the JVM ten milliseconds,
    // and every start of a model comes by here.
    if (target instanceof float[] floats) {
      bytes.asFloatBuffer().get(floats, 0, elements);
    } else if (target instanceof byte[] ownBytes) {
      bytes.get(ownBytes, 0, elements);
    } else if (target instanceof int[] ints) {
      bytes.asIntBuffer().get(ints, 0, elements);
    } else if (target instanceof long[] longs) {
      bytes.asLongBuffer().get(longs, 0, elements);
    } else if (target instanceof double[] doubles) {
      bytes.asDoubleBuffer().get(doubles, 0, elements);
    } else if (target instanceof short[] shorts) {
      bytes.asShortBuffer().get(shorts, 0, elements);
    } else {
      throw new IllegalStateException("strings are never mapped");
    }
  }

  private static IllegalStateException readOnly() {
    return new IllegalStateException("a tensor mapped from a file is read-only");
  }

  // Elements in bulk.

  /** All elements converted to float, in a new array. */
  public float[] toFloatArray() {
    float[] result = new float[size()];
    if (storage instanceof Storage.Floats floats && dtype == DType.FLOAT32) {
      System.arraycopy(floats.array, 0, result, 0, result.length);
      return result;
    }
    for (int i = 0; i < result.length; i++) {
      result[i] = getFloat(i);
    }
    return result;
  }

  /** All elements converted to double, in a new array. */
  public double[] toDoubleArray() {
    double[] result = new double[size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = getDouble(i);
    }
    return result;
  }

  /** All elements converted to long, in a new array. */
  public long[] toLongArray() {
    long[] result = new long[size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = getLong(i);
    }
    return result;
  }

  /** All elements converted to int (low 32 bits), in a new array. */
  public int[] toIntArray() {
    int[] result = new int[size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = getInt(i);
    }
    return result;
  }

  /**
   * All elements as packed little-endian bytes, as ONNX's {@code raw_data} holds them; a mapped
   * tensor gives a window of its file.
   *
   * @throws IllegalStateException for strings
   */
  public ByteBuffer rawBytes() {
    if (storage instanceof Storage.Mapped mapped) {
      return mapped.bytes.slice(0, (int) byteSize()).order(ByteOrder.LITTLE_ENDIAN);
    }
    int elements = (int) storageElements(dtype, shape.size());
    if (storage instanceof Storage.Bytes bytes) {
      return ByteBuffer.wrap(bytes.array, 0, elements)
          .slice()
          .asReadOnlyBuffer()
          .order(ByteOrder.LITTLE_ENDIAN);
    }
    ByteBuffer raw =
        ByteBuffer.allocate(Math.toIntExact(byteSize())).order(ByteOrder.LITTLE_ENDIAN);
    switch (storage) {
      case Storage.Floats floats -> raw.asFloatBuffer().put(floats.array, 0, elements);
      case Storage.Doubles doubles -> raw.asDoubleBuffer().put(doubles.array, 0, elements);
      case Storage.Longs longs -> raw.asLongBuffer().put(longs.array, 0, elements);
      case Storage.Ints ints -> raw.asIntBuffer().put(ints.array, 0, elements);
      case Storage.Shorts shorts -> raw.asShortBuffer().put(shorts.array, 0, elements);
      default -> throw new IllegalStateException("strings have no raw bytes");
    }
    return raw;
  }

  // The arrays beneath, for kernels.

  /**
   * The array beneath a float32 or complex64 tensor, not copied; it may be longer than the tensor.
   *
   * @throws IllegalStateException if elements are not in a {@code float[]}
   */
  @Experimental
  public float[] floatArray() {
    if (storage instanceof Storage.Floats floats) {
      return floats.array;
    }
    throw noArray("float[]");
  }

  /** The array beneath a float64 or complex128 tensor; see {@link #floatArray}. */
  @Experimental
  public double[] doubleArray() {
    if (storage instanceof Storage.Doubles doubles) {
      return doubles.array;
    }
    throw noArray("double[]");
  }

  /** The array beneath a tensor of a type of 8 bits or fewer; see {@link #floatArray}. */
  @Experimental
  public byte[] byteArray() {
    if (storage instanceof Storage.Bytes bytes) {
      return bytes.array;
    }
    throw noArray("byte[]");
  }

  /** The array beneath a tensor of a 16-bit type; see {@link #floatArray}. */
  @Experimental
  public short[] shortArray() {
    if (storage instanceof Storage.Shorts shorts) {
      return shorts.array;
    }
    throw noArray("short[]");
  }

  /** The array beneath an int32 or uint32 tensor; see {@link #floatArray}. */
  @Experimental
  public int[] intArray() {
    if (storage instanceof Storage.Ints ints) {
      return ints.array;
    }
    throw noArray("int[]");
  }

  /** The array beneath an int64 or uint64 tensor; see {@link #floatArray}. */
  @Experimental
  public long[] longArray() {
    if (storage instanceof Storage.Longs longs) {
      return longs.array;
    }
    throw noArray("long[]");
  }

  /** The array beneath a string tensor; see {@link #floatArray}. */
  @Experimental
  public String[] stringArray() {
    if (storage instanceof Storage.Strings strings) {
      return strings.array;
    }
    throw noArray("String[]");
  }

  /** The array beneath, of whatever kind; null for a tensor mapped from a file. */
  @Experimental
  public @Nullable Object array() {
    return storage.array();
  }

  private IllegalStateException noArray(String kind) {
    return new IllegalStateException(
        "a "
            + dtype
            + " tensor"
            + (isMapped() ? " mapped from a file" : "")
            + " is not in a "
            + kind);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (this == other) {
      return true;
    }
    if (!(other instanceof Tensor that) || dtype != that.dtype || !shape.equals(that.shape)) {
      return false;
    }
    if (dtype == DType.STRING) {
      return Arrays.equals(stringArray(), 0, size(), that.stringArray(), 0, size());
    }
    return rawBytes().equals(that.rawBytes());
  }

  @Override
  public int hashCode() {
    return Objects.hash(dtype, shape);
  }

  /** Dtype, shape and the first few elements. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(dtype.label()).append(shape).append(" {");
    int shown = Math.min(size(), 8);
    for (int i = 0; i < shown; i++) {
      text.append(i == 0 ? "" : ", ").append(elementText(i));
    }
    return text.append(size() > shown ? ", …}" : "}").toString();
  }

  private String elementText(int index) {
    return switch (dtype) {
      case STRING -> '"' + getString(index) + '"';
      case COMPLEX64, COMPLEX128 -> getComplex(index, 0) + "+" + getComplex(index, 1) + "i";
      case UINT64 -> Long.toUnsignedString(getLong(index));
      case BOOL -> Boolean.toString(getBoolean(index));
      case FLOAT64 -> Double.toString(getDouble(index));
      default -> dtype.isFloat() ? Float.toString(getFloat(index)) : Long.toString(getLong(index));
    };
  }
}
