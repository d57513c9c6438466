package dev.tinytitan.data;

import dev.tinytitan.OverBudgetException;
import java.util.Arrays;

/** A growing list of floats, at most 2³⁰. Not thread-safe. */
final class FloatList {
  private static final int LIMIT = 1 << 30;

  private float[] values = new float[256];
  private int size;

  void add(float value) {
    if (size == values.length) {
      if (size == LIMIT) {
        throw new OverBudgetException("A table of over 2^30 numbers is too large; use npz files");
      }
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
  }

  float[] toArray() {
    return Arrays.copyOf(values, size);
  }
}
