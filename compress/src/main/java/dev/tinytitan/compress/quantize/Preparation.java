package dev.tinytitan.compress.quantize;

/**
 * What is done to the float graph before it is quantized, and how.
 *
 * @param equalize strength of equalization by activations; {@link #BY_WEIGHTS}; or 0 for none
 * @param smooth strength of smoothing; 0 for none
 * @param correctBias whether the mean error of rounded weights is taken out of biases
 * @param measureBias whether the error that is left is measured and taken out, too
 */
record Preparation(
    double equalize,
    double smooth,
    boolean correctBias,
    Calibrator calibrator,
    boolean measureBias) {
  /** Strength that stands for equalization by weights alone. */
  static final double BY_WEIGHTS = -1;

  Preparation withEqualize(double strength) {
    return new Preparation(strength, smooth, correctBias, calibrator, measureBias);
  }

  Preparation withSmooth(double strength) {
    return new Preparation(equalize, strength, correctBias, calibrator, measureBias);
  }

  Preparation withBiases(boolean correct, boolean measure) {
    return new Preparation(equalize, smooth, correct, calibrator, measure);
  }

  Preparation withCalibrator(Calibrator other) {
    return new Preparation(equalize, smooth, correctBias, other, measureBias);
  }
}
