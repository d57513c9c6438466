package dev.tinytitan.kernel;

/**
 * Matrix products row by row: a row of the result gathers multiples of the packed matrix's rows, in
 * loops over contiguous columns, which the JVM's compiler vectorizes. It does so only over arrays
 * that it walks with one index, so rows of the packed matrix are copied out, some at a time, and
 * sums lie in arrays of their own.
 */
final class PortableMatrixOperations implements MatrixOperations {
  /** Rows of the result that share a copy of the packed rows. */
  private static final int ROWS = 16;

  @Override
  public int lanes() {
    return 8;
  }

  @Override
  public int panelVectors() {
    return Scratch.ROW_LENGTH / lanes();
  }

  @Override
  public double nanos(int rows, int depth, int columns) {
    return Math.ceilDiv(rows, ROWS) * RowSums.nanos(Math.min(rows, ROWS), depth, columns);
  }

  @Override
  public int scratchFloats() {
    return 0;
  }

  @Override
  public void multiply(
      GatheredRows rows,
      float[] a,
      int aOffset,
      PanelLayout layout,
      float[] b,
      int bOffset,
      float[] bias,
      Finish finish,
      float[] c,
      int cOffset,
      int cStride,
      int rowFrom,
      int rowTo,
      int panelFrom,
      int panelTo,
      Scratch scratch) {
    float[][] memory = scratch.rows(RowSums.TERMS + ROWS);
    for (int panel = panelFrom; panel < panelTo; panel++) {
      int width = layout.width(panel);
      int column = panel * layout.panelWidth();
      int filled = Math.min(width, layout.columns() - column);
      int panelOffset = bOffset + layout.offset(panel);
      for (int first = rowFrom; first < rowTo; first += ROWS) {
        int count = Math.min(ROWS, rowTo - first);
        for (int i = 0; i < count; i++) {
          System.arraycopy(bias, column, memory[RowSums.TERMS + i], 0, width);
        }
        addPanel(rows, first, count, a, aOffset, b, panelOffset, width, memory);
        for (int i = 0; i < count; i++) {
          float[] sums = memory[RowSums.TERMS + i];
          if (!finish.isNone()) {
            finish.apply(sums, column, filled, memory[0]);
          }
          System.arraycopy(sums, 0, c, cOffset + (first + i) * cStride + column, filled);
        }
      }
    }
  }

  private static void addPanel(
      GatheredRows rows,
      int first,
      int count,
      float[] a,
      int aOffset,
      float[] b,
      int bFrom,
      int width,
      float[][] memory) {
    int from = bFrom;
    if (rows.isScattered()) {
      int[] steps = rows.steps();
      for (int k = 0; k < steps.length; ) {
        int terms = RowSums.terms(steps.length - k);
        copyRows(b, from, width, terms, memory);
        for (int i = 0; i < count; i++) {
          int start = aOffset + rows.starts()[first + i];
          RowSums.addScattered(a, start, steps, k, terms, memory, memory[RowSums.TERMS + i], width);
        }
        k += terms;
        from += terms * width;
      }
      return;
    }
    for (int segment : rows.segments()) {
      int length = rows.segmentLength();
      for (int k = 0; k < length; ) {
        int terms = RowSums.terms(length - k);
        copyRows(b, from, width, terms, memory);
        for (int i = 0; i < count; i++) {
          int start = aOffset + rows.starts()[first + i] + segment + k;
          RowSums.add(a, start, terms, memory, memory[RowSums.TERMS + i], width);
        }
        k += terms;
        from += terms * width;
      }
    }
  }

  private static void copyRows(float[] b, int from, int width, int count, float[][] memory) {
    for (int i = 0; i < count; i++) {
      System.arraycopy(b, from + i * width, memory[i], 0, width);
    }
  }

  /**
   * Bytes are never mistaken for the sums: they are read where they lie, with an index of theirs.
   */
  @Override
  public void multiplyBytes(
      float[] a,
      PanelLayout layout,
      byte[] b,
      float[] bias,
      Finish finish,
      float[] c,
      int panelFrom,
      int panelTo,
      Scratch scratch) {
    float[][] memory = scratch.rows(2);
    float[] sums = memory[0];
    for (int panel = panelFrom; panel < panelTo; panel++) {
      int width = layout.width(panel);
      int column = panel * layout.panelWidth();
      int filled = Math.min(width, layout.columns() - column);
      System.arraycopy(bias, column, sums, 0, width);
      RowSums.addBytes(a, layout.depth(), b, layout.offset(panel), sums, width);
      finish.apply(sums, column, filled, memory[1]);
      System.arraycopy(sums, 0, c, column, filled);
    }
  }
}
