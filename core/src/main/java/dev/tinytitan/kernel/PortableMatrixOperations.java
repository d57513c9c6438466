package dev.tinytitan.kernel;

/**
 * Matrix products row by row: a row of the result gathers multiples of the packed matrix's rows, in
 * loops over contiguous columns, which the JVM's compiler vectorizes.
 */
final class PortableMatrixOperations implements MatrixOperations {

  @Override
  public int lanes() {
    return 8;
  }

  @Override
  public int panelVectors() {
    return 32;
  }

  @Override
  public int scratchFloats() {
    return lanes() * panelVectors();
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
      float[] c,
      int cOffset,
      int cStride,
      int rowFrom,
      int rowTo,
      int panelFrom,
      int panelTo,
      float[] scratch,
      int scratchOffset) {
    int[] segments = rows.segments();
    int length = rows.segmentLength();
    for (int panel = panelFrom; panel < panelTo; panel++) {
      int width = layout.width(panel);
      int column = panel * layout.panelWidth();
      int filled = Math.min(width, layout.columns() - column);
      for (int row = rowFrom; row < rowTo; row++) {
        System.arraycopy(bias, column, scratch, scratchOffset, width);
        int from = bOffset + layout.offset(panel);
        for (int segment : segments) {
          int start = aOffset + rows.starts()[row] + segment;
          addProducts(a, start, length, b, from, width, scratch, scratchOffset);
          from += length * width;
        }
        System.arraycopy(scratch, scratchOffset, c, cOffset + row * cStride + column, filled);
      }
    }
  }

  /** {@code sums[j] += sum over k of a[aFrom + k] * b[bFrom + k * width + j]}. */
  private static void addProducts(
      float[] a, int aFrom, int length, float[] b, int bFrom, int width, float[] sums, int to) {
    int k = 0;
    for (; k + 4 <= length; k += 4) {
      float a0 = a[aFrom + k];
      float a1 = a[aFrom + k + 1];
      float a2 = a[aFrom + k + 2];
      float a3 = a[aFrom + k + 3];
      int b0 = bFrom + k * width;
      int b1 = b0 + width;
      int b2 = b1 + width;
      int b3 = b2 + width;
      for (int j = 0; j < width; j++) {
        sums[to + j] += a0 * b[b0 + j] + a1 * b[b1 + j] + (a2 * b[b2 + j] + a3 * b[b3 + j]);
      }
    }
    for (; k < length; k++) {
      float a0 = a[aFrom + k];
      int b0 = bFrom + k * width;
      for (int j = 0; j < width; j++) {
        sums[to + j] += a0 * b[b0 + j];
      }
    }
  }
}
