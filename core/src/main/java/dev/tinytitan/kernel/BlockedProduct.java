package dev.tinytitan.kernel;

import org.jspecify.annotations.Nullable;

/**
 * The product of gathered rows with a packed matrix, cut into blocks that stay in the caches, each
 * finished by the epilogue as soon as its sums are complete. Immutable.
 */
final class BlockedProduct {
  /** Floats of the packed matrix that one pass over the rows uses: half of a usual L2 cache. */
  private static final int PANEL_GROUP_FLOATS = 1 << 17;

  /** Floats of the result that one block writes before its epilogue: within the L1 cache. */
  private static final int BLOCK_FLOATS = 4096;

  /** Rows of a block are a multiple of this, which the engines' inner loops divide. */
  static final int ROW_MULTIPLE = 12;

  private final MatrixOperations operations;
  private final GatheredRows rows;
  private final PanelLayout layout;
  private final float[] bias;
  private final Epilogue epilogue;
  private final int panelGroup;

  /**
   * @param bias one for each padded column
   */
  BlockedProduct(
      MatrixOperations operations,
      GatheredRows rows,
      PanelLayout layout,
      float[] bias,
      Epilogue epilogue) {
    this.operations = operations;
    this.rows = rows;
    this.layout = layout;
    this.bias = bias;
    this.epilogue = epilogue;
    int panelFloats = Math.max(1, layout.panelWidth() * layout.depth());
    this.panelGroup = Math.max(1, PANEL_GROUP_FLOATS / panelFloats);
  }

  /** Computes rows {@code rowFrom..rowTo} of the panels {@code panelFrom..panelTo}. */
  void run(
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] c,
      int cOffset,
      int cStride,
      float @Nullable [] residual,
      int residualOffset,
      int rowFrom,
      int rowTo,
      int panelFrom,
      int panelTo,
      float[] scratch,
      int scratchOffset) {
    for (int group = panelFrom; group < panelTo; group += panelGroup) {
      int groupEnd = Math.min(panelTo, group + panelGroup);
      int column = group * layout.panelWidth();
      int columns = Math.min(layout.columns(), groupEnd * layout.panelWidth()) - column;
      int blockRows = Math.max(1, BLOCK_FLOATS / columns / ROW_MULTIPLE) * ROW_MULTIPLE;
      for (int row = rowFrom; row < rowTo; row += blockRows) {
        int rowEnd = Math.min(rowTo, row + blockRows);
        operations.multiply(
            rows,
            a,
            aOffset,
            layout,
            b,
            bOffset,
            bias,
            c,
            cOffset,
            cStride,
            row,
            rowEnd,
            group,
            groupEnd,
            scratch,
            scratchOffset);
        epilogue.apply(
            c,
            cOffset + row * cStride + column,
            cStride,
            rowEnd - row,
            column,
            columns,
            residual,
            residualOffset + row * cStride + column);
      }
    }
  }
}
