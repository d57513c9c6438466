package dev.tinytitan.train.op;

import java.util.Arrays;

/**
 * The search for the nearest of a few values: in a sorted copy, by the midpoints between
 * neighbours, each rounded to float32. A number on a midpoint takes the value below it; one that is
 * a value, that value. Values that are NaN are never taken, unless all are.
 *
 * <p>Works on arrays that the caller owns, so that kernels allocate nothing.
 */
public final class Codebook {
  /** The most values of a codebook. */
  public static final int MOST = 256;

  /** Elements of a table: midpoints, infinite where there are no more, then sorted values. */
  public static final int TABLE = 2 * MOST;

  private Codebook() {}

  /**
   * Sorts a codebook.
   *
   * @param values the codebook, by the scale, in any order; may be longer
   * @param count how many values it has, 1 to {@link #MOST}
   * @param scale what they are multiplied by
   * @param table of {@link #TABLE} elements, which is filled
   * @param order of {@code count} elements at least, which takes the place in {@code values} of
   *     each sorted value
   */
  public static void sort(float[] values, int count, float scale, float[] table, int[] order) {
    for (int i = 0; i < count; i++) {
      float value = values[i] * scale;
      int at = i;
      // Almost sorted from step to step of training.
      for (; at > 0 && Float.compare(table[MOST + at - 1], value) > 0; at--) {
        table[MOST + at] = table[MOST + at - 1];
        order[at] = order[at - 1];
      }
      table[MOST + at] = value;
      order[at] = i;
    }
    for (int i = 0; i + 1 < count; i++) {
      float above = table[MOST + i + 1];
      // A number that is a value keeps it, also where no midpoint lies between two neighbours.
      table[i] = Math.min(table[MOST + i] * 0.5f + above * 0.5f, Math.nextDown(above));
    }
    Arrays.fill(table, count - 1, MOST, Float.POSITIVE_INFINITY);
  }

  /** Half of the least power of two that is at least {@code count}: where searches begin. */
  public static int half(int count) {
    return Integer.highestOneBit(count - 1);
  }

  /**
   * The nearest value's place among the sorted ones. No branches: which value a weight has cannot
   * be foretold. NaN gives the first.
   *
   * @param table as {@link #sort} filled it
   * @param half {@link #half} of the number of values
   */
  public static int nearest(float[] table, int half, float x) {
    int at = 0;
    for (int step = half; step > 0; step >>= 1) {
      at = x > table[at + step - 1] ? at + step : at;
    }
    return at;
  }

  /** The sorted value at a place. */
  public static float value(float[] table, int place) {
    return table[MOST + place];
  }
}
