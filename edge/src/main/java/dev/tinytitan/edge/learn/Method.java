package dev.tinytitan.edge.learn;

import java.util.Locale;

/** Which part of a model learns. */
public enum Method {
  /** The best of the others that the budget allows. */
  AUTO,
  /** Weights and bias of the last layer. The cheapest: nothing is differentiated before it. */
  LAST_LAYER,
  /** Biases of all layers and the last layer (Cai et al. 2020, TinyTL). */
  BIAS,
  /**
   * Biases, and the weights of chosen layers and channels, by what they contribute per byte (Lin et
   * al. 2022, On-Device Training Under 256KB Memory).
   */
  SPARSE,
  /**
   * A thin product added to the weights of each layer (Hu et al. 2022, LoRA), and the last layer.
   */
  LOW_RANK,
  /** Everything. */
  FULL;

  /**
   * The method of a label, such as {@code last-layer}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Method of(String label) {
    for (Method method : values()) {
      if (method.label().equals(label)) {
        return method;
      }
    }
    throw new IllegalArgumentException(
        "no method '" + label + "'; there are auto, last-layer, bias, sparse, low-rank and full");
  }

  /** As it is written on the command line. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
