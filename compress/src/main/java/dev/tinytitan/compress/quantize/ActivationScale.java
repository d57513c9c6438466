package dev.tinytitan.compress.quantize;

/**
 * How an activation is stored in uint8: {@code real = (stored - zeroPoint) * scale}.
 *
 * @param scale above 0
 * @param zeroPoint 0 to 255
 */
record ActivationScale(float scale, int zeroPoint) {
  static final int LEVELS = 256;

  /** The finest form that holds a range; a range of nothing but 0 gets scale 1. */
  static ActivationScale of(Range range) {
    float scale = (float) (((double) range.high() - range.low()) / (LEVELS - 1));
    if (scale < Float.MIN_NORMAL) {
      return new ActivationScale(1, 0);
    }
    int zeroPoint = (int) Math.rint(-range.low() / scale);
    return new ActivationScale(scale, Math.clamp(zeroPoint, 0, LEVELS - 1));
  }

  /** The real number that {@code value} becomes. */
  double roundTrip(double value) {
    double stored = Math.clamp(Math.rint(value / scale) + zeroPoint, 0, LEVELS - 1);
    return (stored - zeroPoint) * scale;
  }
}
