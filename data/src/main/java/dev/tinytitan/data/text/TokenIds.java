package dev.tinytitan.data.text;

import java.util.Arrays;

/** A growing list of token ids that stops at a limit. Not thread-safe. */
final class TokenIds {
  private final int limit;
  private int[] ids = new int[64];
  private int size;

  TokenIds(int limit) {
    this.limit = limit;
  }

  void add(int id) {
    if (size < limit) {
      if (size == ids.length) {
        ids = Arrays.copyOf(ids, 2 * size);
      }
      ids[size++] = id;
    }
  }

  int get(int index) {
    return ids[index];
  }

  int size() {
    return size;
  }

  boolean isFull() {
    return size == limit;
  }

  /** Forgets all ids after the first {@code newSize}. */
  void shrinkTo(int newSize) {
    size = newSize;
  }

  int[] toArray() {
    return Arrays.copyOf(ids, size);
  }
}
