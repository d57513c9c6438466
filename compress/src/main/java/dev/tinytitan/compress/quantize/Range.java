package dev.tinytitan.compress.quantize;

/**
 * The real numbers that an activation's quantized form can stand for; always holds 0, so that
 * padding and the zeros of a rectifier are exact.
 *
 * @param low at most 0
 * @param high at least 0
 */
record Range(float low, float high) {

  Range {
    if (!Float.isFinite(low) || !Float.isFinite(high)) {
      throw new IllegalArgumentException("a range must be finite, not " + low + " to " + high);
    }
    low = Math.min(low, 0);
    high = Math.max(high, 0);
  }

  static Range of(double low, double high) {
    return new Range((float) low, (float) high);
  }
}
