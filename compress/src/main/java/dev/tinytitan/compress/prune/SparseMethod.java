package dev.tinytitan.compress.prune;

import java.util.Locale;

/** How it is decided which weights become zero. */
public enum SparseMethod {
  /** The smallest of each layer. */
  MAGNITUDE("magnitude", false),
  /**
   * The smallest of all layers together, each layer's measured against the root mean square of its
   * weights, so that layers give by the shape of their distribution and not by their scale.
   */
  MAGNITUDE_GLOBAL("magnitude-global", false),
  /**
   * Of each output, those of the least magnitude times the norm of the input that they weigh
   * (Wanda, Sun et al. 2024, arXiv:2306.11695).
   */
  WANDA("wanda", true),
  /**
   * By what each would cost after all others have been adjusted to make up for it, which they then
   * are (SparseGPT, Frantar and Alistarh 2023, arXiv:2301.00774).
   */
  SPARSE_GPT("sparsegpt", true);

  private final String label;
  private final boolean needsData;

  SparseMethod(String label, boolean needsData) {
    this.label = label;
    this.needsData = needsData;
  }

  /** The name on the command line. */
  public String label() {
    return label;
  }

  /** True if it sees samples. */
  public boolean needsData() {
    return needsData;
  }

  /**
   * The method of this name.
   *
   * @throws IllegalArgumentException if there is none; names all
   */
  public static SparseMethod of(String label) {
    for (SparseMethod method : values()) {
      if (method.label.equals(label.toLowerCase(Locale.ROOT))) {
        return method;
      }
    }
    throw new IllegalArgumentException(
        "'" + label + "' is no method: magnitude, magnitude-global, wanda and sparsegpt are");
  }
}
