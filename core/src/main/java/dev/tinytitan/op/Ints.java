package dev.tinytitan.op;

import java.util.Arrays;
import java.util.List;

/** Lists of integers, which records hold, as arrays, and back. */
final class Ints {
  private Ints() {}

  static List<Integer> list(int... values) {
    return Arrays.stream(values).boxed().toList();
  }

  static int[] array(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }
}
