package dev.tinytitan.compress.prune;

import java.util.Locale;

/** What the importance of units is judged by. */
public enum Criterion {
  /** {@link Importance#activations} where there are samples, else {@link #L2}. */
  AUTO("auto"),
  /** The sum of magnitudes of a unit's weights. */
  L1("l1"),
  /** The sum of squares of a unit's weights. */
  L2("l2"),
  /** The scales of batch normalizations. */
  BN_SCALE("bn-scale"),
  /** What a unit brings to its readers, seen on samples. */
  ACTIVATIONS("activations"),
  /** {@link Importance#taylor}, by gradients measured on samples with labels or targets. */
  TAYLOR("taylor"),
  /** {@link Importance#hessian}, by gradients measured on samples with labels or targets. */
  OBD("obd");

  private final String label;

  Criterion(String label) {
    this.label = label;
  }

  /** The name on the command line. */
  public String label() {
    return label;
  }

  /**
   * The criterion of this name.
   *
   * @throws IllegalArgumentException if there is none; names all
   */
  public static Criterion of(String label) {
    for (Criterion criterion : values()) {
      if (criterion.label.equals(label.toLowerCase(Locale.ROOT))) {
        return criterion;
      }
    }
    throw new IllegalArgumentException(
        "'" + label + "' is no criterion: auto, l1, l2, bn-scale, activations, taylor and obd are");
  }
}
