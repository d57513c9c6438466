package dev.tinytitan.compress.quantize;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * How an activation's range is found from the values that calibration saw. All keep constant memory
 * for any number of samples.
 */
public enum Calibrator {
  /** From the smallest to the greatest value. */
  MIN_MAX("minmax"),
  /** Without the rarest values at the ends. */
  PERCENTILE("percentile"),
  /**
   * The range whose quantized distribution diverges least from the true one (Kullback-Leibler), as
   * in TensorRT (Migacz 2017).
   */
  ENTROPY("entropy"),
  /** The range with the least mean squared error. */
  MSE("mse");

  private final String label;

  Calibrator(String label) {
    this.label = label;
  }

  /** The name on the command line, such as {@code minmax}. */
  public String label() {
    return label;
  }

  /**
   * The calibrator of this label.
   *
   * @throws IllegalArgumentException naming all labels if there is none
   */
  public static Calibrator of(String label) {
    return Arrays.stream(values())
        .filter(calibrator -> calibrator.label.equals(label))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "There is no calibrator '"
                    + label
                    + "'; there are "
                    + Arrays.stream(values())
                        .map(Calibrator::label)
                        .collect(Collectors.joining(", "))
                    + "."));
  }

  /**
   * The range of the values in a histogram; just 0 where there are none.
   *
   * @param percentile of values that {@link #PERCENTILE} keeps, above 50 and at most 100
   */
  Range range(Histogram histogram, double percentile) {
    if (histogram.total() == 0) {
      return new Range(0, 0);
    }
    return switch (this) {
      case MIN_MAX -> Range.of(histogram.min(), histogram.max());
      case PERCENTILE -> percentileRange(histogram, percentile);
      case ENTROPY -> new EntropySearch(histogram).range();
      case MSE -> new SquaredErrorSearch(histogram).range();
    };
  }

  /** Cuts a half of the rest from each end, or all of it from the only end that is not 0. */
  private static Range percentileRange(Histogram histogram, double percentile) {
    double rest = 1 - percentile / 100;
    boolean twoSided = histogram.min() < 0 && histogram.max() > 0;
    double cut = twoSided ? rest / 2 : rest;
    return Range.of(
        histogram.min() < 0 ? histogram.quantile(cut) : 0,
        histogram.max() > 0 ? histogram.quantile(1 - cut) : 0);
  }

  @Override
  public String toString() {
    return label;
  }
}
