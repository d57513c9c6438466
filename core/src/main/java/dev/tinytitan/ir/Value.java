package dev.tinytitan.ir;

import org.jspecify.annotations.Nullable;

/**
 * A named edge of a graph with its declared type: an input, an output, or an annotated value
 * between nodes.
 *
 * @param type null where the model declares none
 * @param doc the model's own words
 */
public record Value(String name, @Nullable ValueType type, Documentation doc) {

  /** A value without documentation. */
  public static Value of(String name, @Nullable ValueType type) {
    return new Value(name, type, Documentation.NONE);
  }

  /**
   * The type, if it is a tensor's.
   *
   * @throws IllegalStateException if it is none or unknown
   */
  public TensorType tensorType() {
    if (type instanceof TensorType tensor) {
      return tensor;
    }
    throw new IllegalStateException("value " + name + " is not known to be a tensor");
  }
}
