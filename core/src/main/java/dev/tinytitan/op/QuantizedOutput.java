package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.tensor.DType;

/**
 * What an integer operator makes of its exact sums: the output's dtype and zero point, and the
 * range it is cut to, which a fused Relu or Clip narrows. Immutable.
 *
 * @param dtype int8 or uint8
 * @param low the least result, at least the dtype's
 * @param high the greatest result, at most the dtype's
 */
public record QuantizedOutput(DType dtype, int zeroPoint, int low, int high) {

  /**
   * @throws IllegalArgumentException if the dtype is not an integer type of at most 16 bits, or the
   *     range is empty or wider than the dtype's
   */
  public QuantizedOutput {
    requireNarrowInteger(dtype);
    if (low > high || low < dtype.minValue() || high > dtype.maxValue()) {
      throw new IllegalArgumentException(
          "the range from " + low + " to " + high + " is not within " + dtype);
    }
  }

  private static void requireNarrowInteger(DType dtype) {
    if (!dtype.isInteger() || dtype.bits() > 16) {
      throw new IllegalArgumentException("a quantized output cannot be " + dtype);
    }
  }

  /** An output that is cut to the dtype's whole range. */
  public static QuantizedOutput of(DType dtype, int zeroPoint) {
    requireNarrowInteger(dtype);
    return new QuantizedOutput(dtype, zeroPoint, (int) dtype.minValue(), (int) dtype.maxValue());
  }

  /**
   * This output cut further, to what a real range quantizes to.
   *
   * @param scale the output's scale
   */
  public QuantizedOutput clip(Activation.Clip range, float scale) {
    return new QuantizedOutput(
        dtype, zeroPoint, quantize(range.min(), scale), quantize(range.max(), scale));
  }

  /**
   * QuantizeLinear of one number: {@code rint(value / scale)}, shifted, then cut; NaN becomes the
   * least result.
   */
  public int quantize(float value, float scale) {
    if (Float.isNaN(value)) {
      return low;
    }
    // Beyond ±2^20 steps every result is cut; so nothing is lost, and infinities become numbers.
    double steps = Math.clamp(Math.rint(value / scale), -0x1p20, 0x1p20);
    return Math.clamp((long) steps + zeroPoint, low, high);
  }

  /**
   * One requantized sum: {@code rint(clamp(float(sum) * multiplier, low - zeroPoint, high -
   * zeroPoint)) + zeroPoint}, with one float32 multiplication, half to even.
   *
   * @param sum the exact int32 sum
   * @param multiplier input scale times weight scale by output scale, in float32
   */
  public int requantize(int sum, float multiplier) {
    float steps = (float) sum * multiplier;
    float least = low - zeroPoint;
    float greatest = high - zeroPoint;
    return (int) Math.rint(Math.min(Math.max(steps, least), greatest)) + zeroPoint;
  }

  /** One number in steps of the output with its zero point already added: rounded half to even. */
  public int round(float steps) {
    return (int) Math.rint(Math.min(Math.max(steps, (float) low), (float) high));
  }

  /** Adds what this holds to a node's attributes. */
  Attributes.Builder encode(Attributes.Builder attributes) {
    return attributes
        .put("dtype", dtype.label())
        .put("zero_point", zeroPoint)
        .put("range", low, high);
  }
}
