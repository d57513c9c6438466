package dev.tinytitan.tensor;

/**
 * Conversions between float32 and the narrow floating-point types, round to nearest, ties to even.
 *
 * <p>bfloat16 as the upper half of float32; float8 as in <a
 * href="https://onnx.ai/onnx/technical/float8.html">ONNX's float8 page</a> (FP8 Formats for Deep
 * Learning, Micikevicius et al. 2022, and the FNUZ variants of Noune et al. 2022); float4e2m1 and
 * float8e8m0 as in the OCP Microscaling Formats specification.
 */
public final class NarrowFloat {

  /** A binary format of at most 8 bits: exponent and mantissa widths, bias, special values. */
  private record Format(
      int exponentBits, int mantissaBits, int bias, boolean fnuz, boolean infinity) {
    int magnitudeBits() {
      return exponentBits + mantissaBits;
    }
  }

  private static final Format E4M3FN = new Format(4, 3, 7, false, false);
  private static final Format E4M3FNUZ = new Format(4, 3, 8, true, false);
  private static final Format E5M2 = new Format(5, 2, 15, false, true);
  private static final Format E5M2FNUZ = new Format(5, 2, 16, true, false);
  private static final Format E2M1 = new Format(2, 1, 1, false, false);

  private NarrowFloat() {}

  /** The float32 value of a bfloat16 bit pattern. */
  public static float fromBfloat16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** The nearest bfloat16 bit pattern, ties to even; NaN stays NaN. */
  public static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }

  /**
   * The float32 value of an 8-bit or 4-bit floating-point bit pattern.
   *
   * @throws IllegalArgumentException if {@code dtype} is not a float8 or float4 type
   */
  public static float decode(DType dtype, int bits) {
    if (dtype == DType.FLOAT8E8M0) {
      int exponent = bits & 0xFF;
      return exponent == 0xFF ? Float.NaN : (float) Math.scalb(1.0, exponent - 127);
    }
    Format format = formatOf(dtype);
    int magnitude = bits & ((1 << format.magnitudeBits()) - 1);
    boolean negative = ((bits >> format.magnitudeBits()) & 1) != 0;
    if (format.fnuz() && negative && magnitude == 0) {
      return Float.NaN;
    }
    int exponent = magnitude >> format.mantissaBits();
    int mantissa = magnitude & ((1 << format.mantissaBits()) - 1);
    int topExponent = (1 << format.exponentBits()) - 1;
    if (format.infinity() && exponent == topExponent) {
      float special = mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
      return negative ? -special : special;
    }
    if (dtype == DType.FLOAT8E4M3FN && magnitude == 0x7F) {
      return Float.NaN;
    }
    double value =
        exponent == 0
            ? Math.scalb((double) mantissa, 1 - format.bias() - format.mantissaBits())
            : Math.scalb(
                (double) (mantissa | (1 << format.mantissaBits())),
                exponent - format.bias() - format.mantissaBits());
    return (float) (negative ? -value : value);
  }

  /**
   * The nearest bit pattern of an 8-bit or 4-bit floating-point type, ties to even.
   *
   * @param saturate whether values beyond the largest finite one become that value (as ONNX's Cast
   *     and QuantizeLinear say by default); else they become infinity or NaN. float4e2m1 always
   *     saturates. float8e8m0 rounds up by default in ONNX; see {@link #encodeE8M0}.
   * @throws IllegalArgumentException if {@code dtype} is not a float8 (but E8M0) or float4 type
   */
  public static int encode(DType dtype, float value, boolean saturate) {
    if (dtype == DType.FLOAT8E8M0) {
      return encodeE8M0(value, saturate, "up");
    }
    Format format = formatOf(dtype);
    int signBit = 1 << format.magnitudeBits();
    int sign = (Float.floatToRawIntBits(value) >>> 31) != 0 ? signBit : 0;
    if (Float.isNaN(value)) {
      return nanOf(dtype, format, sign);
    }
    int largest = largestMagnitude(dtype, format);
    double magnitude = Math.abs((double) value);
    if (Float.isInfinite(value)) {
      return saturate || dtype == DType.FLOAT4E2M1 ? sign | largest : overflow(dtype, format, sign);
    }
    int bits = roundToBits(format, magnitude);
    if (bits > largest) {
      return saturate || dtype == DType.FLOAT4E2M1 ? sign | largest : overflow(dtype, format, sign);
    }
    return bits == 0 && format.fnuz() ? 0 : sign | bits;
  }

  /**
   * The bit pattern of a power of two nearest to {@code value}, as ONNX's Cast to float8e8m0 says.
   *
   * @param roundMode {@code up}, {@code down} or {@code nearest} (ties up)
   */
  public static int encodeE8M0(float value, boolean saturate, String roundMode) {
    int bits = Float.floatToRawIntBits(value) & 0x7FFFFFFF;
    if (Float.isNaN(value)) {
      return 0xFF;
    }
    if (Float.isInfinite(value)) {
      return saturate ? 0xFE : 0xFF;
    }
    int exponent = bits >>> 23;
    int mantissa = bits & 0x7FFFFF;
    boolean up =
        switch (roundMode) {
          case "up" -> exponent == 0 ? mantissa > 0x400000 : mantissa != 0;
          case "down" -> false;
          case "nearest" -> mantissa >= 0x400000 && (exponent > 0 || mantissa > 0x400000);
          default -> throw new IllegalArgumentException("unknown round mode " + roundMode);
        };
    int rounded = up ? exponent + 1 : exponent;
    return rounded > 0xFE ? (saturate ? 0xFE : 0xFF) : rounded;
  }

  private static int roundToBits(Format format, double magnitude) {
    if (magnitude == 0) {
      return 0;
    }
    int exponent = Math.max(Math.getExponent(magnitude), 1 - format.bias());
    double scaled = Math.scalb(magnitude, format.mantissaBits() - exponent);
    int rounded = (int) Math.rint(Math.min(scaled, 1 << 20));
    // A carry out of the mantissa moves into the exponent by plain addition.
    return ((exponent + format.bias() - 1) << format.mantissaBits()) + rounded;
  }

  private static int largestMagnitude(DType dtype, Format format) {
    int all = (1 << format.magnitudeBits()) - 1;
    if (format.infinity()) {
      return all - (1 << format.mantissaBits());
    }
    return dtype == DType.FLOAT8E4M3FN ? all - 1 : all;
  }

  private static int nanOf(DType dtype, Format format, int sign) {
    int all = (1 << format.magnitudeBits()) - 1;
    if (format.fnuz()) {
      return 1 << format.magnitudeBits();
    }
    if (dtype == DType.FLOAT4E2M1) {
      // No NaN there: negative zero, as in ONNX's suite and ml_dtypes.
      return 1 << format.magnitudeBits();
    }
    return sign | all;
  }

  private static int overflow(DType dtype, Format format, int sign) {
    if (format.infinity()) {
      int topExponent = (1 << format.exponentBits()) - 1;
      return sign | (topExponent << format.mantissaBits());
    }
    return nanOf(dtype, format, sign);
  }

  private static Format formatOf(DType dtype) {
    return switch (dtype) {
      case FLOAT8E4M3FN -> E4M3FN;
      case FLOAT8E4M3FNUZ -> E4M3FNUZ;
      case FLOAT8E5M2 -> E5M2;
      case FLOAT8E5M2FNUZ -> E5M2FNUZ;
      case FLOAT4E2M1 -> E2M1;
      default -> throw new IllegalArgumentException(dtype + " is not a float8 or float4 type");
    };
  }
}
