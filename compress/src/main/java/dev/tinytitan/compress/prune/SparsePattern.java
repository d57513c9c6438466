package dev.tinytitan.compress.prune;

import java.util.Locale;

/**
 * Where zeros may lie in a layer's weights, seen as a matrix: a row for each output, a column for
 * each input that it sums over. The columns of a convolution run over the channels of one place of
 * the kernel, then over those of the next.
 */
public sealed interface SparsePattern {

  /** Anywhere. */
  record Unstructured() implements SparsePattern {
    @Override
    public String toString() {
      return "unstructured";
    }
  }

  /**
   * Of each {@code of} consecutive columns of a row at most {@code keep} are not zero; 2:4, say.
   *
   * @param keep at least 1, less than {@code of}
   */
  record NOfM(int keep, int of) implements SparsePattern {
    public NOfM {
      if (keep < 1 || of <= keep) {
        throw new IllegalArgumentException(keep + ":" + of + " is no pattern");
      }
    }

    @Override
    public String toString() {
      return keep + ":" + of;
    }
  }

  /**
   * Blocks of neighbours are zero together. Blocks at the end of a matrix are cut off there.
   *
   * @param rows outputs in a block
   * @param columns inputs in a block
   */
  record Block(int rows, int columns) implements SparsePattern {
    public Block {
      if (rows < 1 || columns < 1 || rows * columns < 2) {
        throw new IllegalArgumentException(rows + "x" + columns + " is no block");
      }
    }

    @Override
    public String toString() {
      return rows + "x" + columns;
    }
  }

  /**
   * Reads {@code unstructured}, {@code 2:4} or {@code 1x4}.
   *
   * @throws IllegalArgumentException if the text is no pattern; says what is
   */
  static SparsePattern of(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.equals("unstructured")) {
      return new Unstructured();
    }
    if (lower.matches("\\d{1,3}:\\d{1,3}")) {
      String[] parts = lower.split(":", -1);
      return new NOfM(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }
    if (lower.matches("\\d{1,3}x\\d{1,3}")) {
      String[] parts = lower.split("x", -1);
      return new Block(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }
    throw new IllegalArgumentException(
        "'" + text + "' is no pattern: unstructured, 2:4 and its like, 1x4 and its like are");
  }

  /** Rows of the smallest part of a matrix that is judged as a whole. */
  default int blockRows() {
    return this instanceof Block(int rows, int _) ? rows : 1;
  }

  /** Columns of that part. */
  default int blockColumns() {
    return this instanceof Block(int _, int columns) ? columns : 1;
  }
}
