package dev.tinytitan.kernel;

import java.util.Arrays;

/**
 * How the right-hand matrix of a product is packed: cut into panels of columns, each panel row by
 * row ({@code [panel][depth][width]}), so that the inner loop reads it front to back. All panels
 * are {@link #panelWidth} wide but the last, which is as wide as its columns need, rounded up to
 * whole vectors and filled up with zeros. Immutable.
 */
public final class PanelLayout {
  private final int lanes;
  private final int depth;
  private final int columns;
  private final int panelWidth;

  /**
   * @param lanes elements of a vector; every panel is a multiple of it wide
   * @param vectors the most vectors side by side in a panel
   * @param depth rows of the matrix
   * @param columns columns of the matrix
   */
  public PanelLayout(int lanes, int vectors, int depth, int columns) {
    this.lanes = lanes;
    this.depth = depth;
    this.columns = columns;
    this.panelWidth = lanes * vectors;
  }

  /** Rows of the matrix: the length of the sums. */
  public int depth() {
    return depth;
  }

  /** Columns of the matrix. */
  public int columns() {
    return columns;
  }

  /** Columns of every panel but the last. */
  public int panelWidth() {
    return panelWidth;
  }

  /** The columns rounded up to whole vectors. */
  public int paddedColumns() {
    return (columns + lanes - 1) / lanes * lanes;
  }

  /** The number of panels. */
  public int panels() {
    return (columns + panelWidth - 1) / panelWidth;
  }

  /** Width of a panel, filled-up columns included. */
  public int width(int panel) {
    return Math.min(panelWidth, paddedColumns() - panel * panelWidth);
  }

  /** Where a panel starts in the packed array. */
  public int offset(int panel) {
    return panel * panelWidth * depth;
  }

  /** Floats of the packed array. */
  public int size() {
    return Math.multiplyExact(paddedColumns(), depth);
  }

  /**
   * Packs a matrix whose element at row k and column j is {@code matrix[from + k * rowStride + j *
   * columnStride]}, times {@code factor}.
   *
   * @param to receives {@link #size} floats from {@code toOffset} on
   */
  public void pack(
      float[] matrix,
      int from,
      int rowStride,
      int columnStride,
      float factor,
      float[] to,
      int toOffset) {
    pack(matrix, from, rowStride, columnStride, factor, to, toOffset, 0, panels());
  }

  /**
   * Packs some panels of a matrix, each where it belongs in the whole; see {@link #pack(float[],
   * int, int, int, float, float[], int)}.
   *
   * @param panelFrom the first panel
   * @param panelTo the panel after the last
   */
  public void pack(
      float[] matrix,
      int from,
      int rowStride,
      int columnStride,
      float factor,
      float[] to,
      int toOffset,
      int panelFrom,
      int panelTo) {
    for (int panel = panelFrom; panel < panelTo; panel++) {
      int width = width(panel);
      int first = panel * panelWidth;
      int filled = Math.min(width, columns - first);
      int target = toOffset + offset(panel);
      int source = from + first * columnStride;
      if (columnStride == 1) {
        for (int k = 0; k < depth; k++) {
          copyScaled(matrix, source + k * rowStride, to, target + k * width, filled, factor);
        }
      } else {
        for (int j = 0; j < filled; j++) {
          spread(matrix, source + j * columnStride, rowStride, to, target + j, width, factor);
        }
      }
      for (int k = 0; filled < width && k < depth; k++) {
        Arrays.fill(to, target + k * width + filled, target + (k + 1) * width, 0f);
      }
    }
  }

  private static void copyScaled(
      float[] from, int fromOffset, float[] to, int toOffset, int count, float factor) {
    if (factor == 1) {
      System.arraycopy(from, fromOffset, to, toOffset, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      to[toOffset + i] = from[fromOffset + i] * factor;
    }
  }

  private void spread(
      float[] from, int fromOffset, int stride, float[] to, int toOffset, int width, float factor) {
    for (int k = 0; k < depth; k++) {
      to[toOffset + k * width] = from[fromOffset + k * stride] * factor;
    }
  }

  /** A vector with one element per column, filled up with zeros to whole vectors. */
  public float[] padded(float[] perColumn, int from) {
    float[] padded = new float[paddedColumns()];
    System.arraycopy(perColumn, from, padded, 0, columns);
    return padded;
  }
}
