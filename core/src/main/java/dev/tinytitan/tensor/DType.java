package dev.tinytitan.tensor;

import java.util.Optional;

/**
 * The element types of the ONNX format, with their numbers in {@code TensorProto.DataType}.
 *
 * <p>Sub-byte types are stored packed, the first element in the low bits of the first byte, as ONNX
 * does.
 */
public enum DType {
  FLOAT32("float32", 1, 32, Kind.FLOAT),
  UINT8("uint8", 2, 8, Kind.UNSIGNED),
  INT8("int8", 3, 8, Kind.SIGNED),
  UINT16("uint16", 4, 16, Kind.UNSIGNED),
  INT16("int16", 5, 16, Kind.SIGNED),
  INT32("int32", 6, 32, Kind.SIGNED),
  INT64("int64", 7, 64, Kind.SIGNED),
  STRING("string", 8, 0, Kind.OTHER),
  BOOL("bool", 9, 8, Kind.BOOL),
  FLOAT16("float16", 10, 16, Kind.FLOAT),
  FLOAT64("float64", 11, 64, Kind.FLOAT),
  UINT32("uint32", 12, 32, Kind.UNSIGNED),
  UINT64("uint64", 13, 64, Kind.UNSIGNED),
  COMPLEX64("complex64", 14, 64, Kind.OTHER),
  COMPLEX128("complex128", 15, 128, Kind.OTHER),
  BFLOAT16("bfloat16", 16, 16, Kind.FLOAT),
  FLOAT8E4M3FN("float8e4m3fn", 17, 8, Kind.FLOAT),
  FLOAT8E4M3FNUZ("float8e4m3fnuz", 18, 8, Kind.FLOAT),
  FLOAT8E5M2("float8e5m2", 19, 8, Kind.FLOAT),
  FLOAT8E5M2FNUZ("float8e5m2fnuz", 20, 8, Kind.FLOAT),
  UINT4("uint4", 21, 4, Kind.UNSIGNED),
  INT4("int4", 22, 4, Kind.SIGNED),
  FLOAT4E2M1("float4e2m1", 23, 4, Kind.FLOAT),
  FLOAT8E8M0("float8e8m0", 24, 8, Kind.FLOAT),
  UINT2("uint2", 25, 2, Kind.UNSIGNED),
  INT2("int2", 26, 2, Kind.SIGNED);

  private enum Kind {
    FLOAT,
    SIGNED,
    UNSIGNED,
    BOOL,
    OTHER
  }

  private static final DType[] BY_NUMBER = new DType[32];

  static {
    for (DType dtype : values()) {
      BY_NUMBER[dtype.onnxNumber] = dtype;
    }
  }

  private final String label;
  private final int onnxNumber;
  private final int bits;
  private final Kind kind;

  DType(String label, int onnxNumber, int bits, Kind kind) {
    this.label = label;
    this.onnxNumber = onnxNumber;
    this.bits = bits;
    this.kind = kind;
  }

  /**
   * The dtype with this number in {@code TensorProto.DataType}; empty for 0 and unknown numbers.
   */
  public static Optional<DType> ofOnnxNumber(int number) {
    return number < 0 || number >= BY_NUMBER.length
        ? Optional.empty()
        : Optional.ofNullable(BY_NUMBER[number]);
  }

  /** The lower-case name that ONNX and NumPy users know, such as {@code float32}. */
  public String label() {
    return label;
  }

  /** The number in {@code TensorProto.DataType}. */
  public int onnxNumber() {
    return onnxNumber;
  }

  /** Bits of one element; 0 for strings. */
  public int bits() {
    return bits;
  }

  /** Bytes that {@code elements} elements take when packed; 0 for strings. */
  public long byteSize(long elements) {
    return (elements * bits + 7) / 8;
  }

  /** True for every floating-point type, from float64 down to float4. */
  public boolean isFloat() {
    return kind == Kind.FLOAT;
  }

  /** True for signed and unsigned integers of any width, not for bool. */
  public boolean isInteger() {
    return kind == Kind.SIGNED || kind == Kind.UNSIGNED;
  }

  /** True for unsigned integers. */
  public boolean isUnsigned() {
    return kind == Kind.UNSIGNED;
  }

  /**
   * True for float8, float4, int4 and int2 types: carried, cast and (de)quantized, nothing more.
   */
  public boolean isStorageOnly() {
    return bits > 0 && (bits < 8 || (kind == Kind.FLOAT && bits == 8));
  }

  /**
   * The smallest value of an integer type.
   *
   * @throws IllegalStateException if this is not an integer type
   */
  public long minValue() {
    requireInteger();
    return kind == Kind.UNSIGNED ? 0 : -1L << (bits - 1);
  }

  /**
   * The largest value of an integer type; for uint64 its bit pattern, -1.
   *
   * @throws IllegalStateException if this is not an integer type
   */
  public long maxValue() {
    requireInteger();
    if (kind == Kind.UNSIGNED) {
      return bits == 64 ? -1L : (1L << bits) - 1;
    }
    return (1L << (bits - 1)) - 1;
  }

  private void requireInteger() {
    if (!isInteger()) {
      throw new IllegalStateException(label + " is not an integer type");
    }
  }

  @Override
  public String toString() {
    return label;
  }
}
