package dev.tinytitan.kernel;

/** The inner loops of matrix products. Stateless. */
public interface MatrixOperations {

  /** Elements of a vector: what packed columns are rounded up to. */
  int lanes();

  /** The most vectors side by side in a packed panel. */
  int panelVectors();

  /** The layout in which {@link #multiply} wants a right-hand matrix of this size. */
  default PanelLayout layout(int depth, int columns) {
    return new PanelLayout(lanes(), panelVectors(), depth, columns);
  }

  /** Estimated nanoseconds of {@link #multiply} on matrices of this size. */
  default double nanos(int rows, int depth, int columns) {
    return Work.ofProducts((double) rows * depth * layout(depth, columns).paddedColumns());
  }

  /** Floats of scratch memory that {@link #multiply} needs. */
  int scratchFloats();

  /**
   * {@code c[i][j] = finish(bias[j] + sum over k of a[i][k] * b[k][j])} for a range of rows and of
   * panels.
   *
   * @param rows where the elements of a lie, as far from {@code aOffset}
   * @param b the packed matrix, from {@code bOffset} on
   * @param bias one for each padded column, see {@link PanelLayout#padded}
   * @param finish one factor for each padded column
   * @param cOffset where row 0, column 0 of c lies
   * @param cStride elements from row to row of c
   * @param scratch its first {@link #scratchFloats} floats are overwritten
   */
  void multiply(
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
      Scratch scratch);

  /** Whether there is {@link #multiplyBytes}, and it is faster than {@link #multiply} on floats. */
  default boolean multipliesBytes() {
    return true;
  }

  /**
   * {@code c[j] = finish(bias[j] + sum over k of a[k] * b[k][j])} for a single row of integers that
   * lie as floats, and a range of panels of signed bytes. All sums are integers that float32 has.
   *
   * @param a the row, from its beginning
   * @param b the packed matrix
   * @param bias one for each padded column, see {@link PanelLayout#padded}
   * @param finish one factor for each padded column
   * @param scratch its first {@link #scratchFloats} floats are overwritten
   */
  void multiplyBytes(
      float[] a,
      PanelLayout layout,
      byte[] b,
      float[] bias,
      Finish finish,
      float[] c,
      int panelFrom,
      int panelTo,
      Scratch scratch);
}
