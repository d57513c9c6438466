package dev.tinytitan.compress.prune;

import java.util.Arrays;

/**
 * Picks what becomes zero in a part of a matrix: what has the least scores, as a pattern allows.
 */
final class MaskSelection {
  private MaskSelection() {}

  /**
   * Picks.
   *
   * @param scores of a part of a matrix, row by row
   * @param columns of the part
   * @param perRow whether each row (of blocks) gives its share, and not the part as a whole
   * @return true for what becomes zero
   */
  static boolean[] pick(
      double[] scores, int columns, SparsePattern pattern, double sparsity, boolean perRow) {
    boolean[] zero = new boolean[scores.length];
    if (columns == 0 || scores.length == 0) {
      return zero;
    }
    if (pattern instanceof SparsePattern.NOfM(int keep, int of)) {
      nOfM(scores, columns, keep, of, zero);
      return zero;
    }
    int rows = scores.length / columns;
    int blockRows = pattern.blockRows();
    int blockColumns = pattern.blockColumns();
    int across = (columns + blockColumns - 1) / blockColumns;
    int down = (rows + blockRows - 1) / blockRows;
    double[] blocks = new double[across * down];
    for (int i = 0; i < scores.length; i++) {
      blocks[i / columns / blockRows * across + i % columns / blockColumns] += scores[i];
    }
    boolean[] gone = new boolean[blocks.length];
    int part = perRow ? across : blocks.length;
    for (int start = 0; start < blocks.length; start += part) {
      least(blocks, start, part, (int) Math.round(sparsity * part), gone);
    }
    for (int i = 0; i < zero.length; i++) {
      zero[i] = gone[i / columns / blockRows * across + i % columns / blockColumns];
    }
    return zero;
  }

  private static void nOfM(double[] scores, int columns, int keep, int of, boolean[] zero) {
    for (int row = 0; row < scores.length; row += columns) {
      for (int start = 0; start < columns; start += of) {
        int length = Math.min(of, columns - start);
        // A group that the end cuts off keeps what it would as a whole.
        least(scores, row + start, length, Math.max(0, length - keep), zero);
      }
    }
  }

  /** Marks the least of a range; of equal ones the first. */
  static void least(double[] scores, int start, int length, int count, boolean[] marks) {
    if (count <= 0) {
      return;
    }
    double[] sorted = Arrays.copyOfRange(scores, start, start + length);
    Arrays.sort(sorted);
    double threshold = sorted[Math.min(count, length) - 1];
    int left = Math.min(count, length);
    for (int i = start; i < start + length; i++) {
      if (scores[i] < threshold) {
        marks[i] = true;
        left--;
      }
    }
    for (int i = start; i < start + length && left > 0; i++) {
      if (scores[i] == threshold) {
        marks[i] = true;
        left--;
      }
    }
  }
}
