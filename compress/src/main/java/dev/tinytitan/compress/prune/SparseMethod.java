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
  SPARSE_GPT("sparsegpt", true),
  /** The smallest of each layer, more and more of them while the model is trained. */
  GRADUAL("gradual", false),
  /** As {@link #GRADUAL}, but layers compete as in {@link #MAGNITUDE_GLOBAL}. */
  GRADUAL_GLOBAL("gradual-global", false),
  /**
   * Of each layer those that training moves towards zero, more and more of them (Sanh, Wolf and
   * Rush 2020, arXiv:2005.07683).
   */
  MOVEMENT("movement", false);

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

  /** True if it picks while the model is trained. */
  public boolean needsTraining() {
    return this == GRADUAL || this == GRADUAL_GLOBAL || this == MOVEMENT;
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
        "'"
            + label
            + "' is no method: magnitude, magnitude-global, wanda, sparsegpt, gradual,"
            + " gradual-global and movement are");
  }
}
