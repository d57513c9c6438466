package dev.tinytitan.compress.quantize;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * How a weight finds one of the two levels it lies between. The latter two look at what a layer
 * reads on calibration samples, no labels needed, and keep its outputs rather than its weights.
 */
public enum Rounding {
  /** To the nearer one. */
  NEAREST("nearest"),
  /**
   * Whichever keeps the layer's outputs, found by gradient descent on all of a layer's weights at
   * once (Nagel et al. 2020).
   */
  ADAROUND("adaround"),
  /**
   * One weight after the other, the error of each carried over to those that are left (Frantar et
   * al. 2022), then each looked at once more.
   */
  GPTQ("gptq");

  private final String label;

  Rounding(String label) {
    this.label = label;
  }

  /** The name on the command line. */
  public String label() {
    return label;
  }

  /**
   * The rounding of this label.
   *
   * @throws IllegalArgumentException naming all labels if there is none
   */
  public static Rounding of(String label) {
    return Arrays.stream(values())
        .filter(rounding -> rounding.label.equals(label))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "There is no rounding '"
                    + label
                    + "'; there are "
                    + Arrays.stream(values()).map(Rounding::label).collect(Collectors.joining(", "))
                    + "."));
  }

  @Override
  public String toString() {
    return label;
  }
}
