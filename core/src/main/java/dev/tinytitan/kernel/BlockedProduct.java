package dev.tinytitan.kernel;

import java.util.List;
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
  private final List<DepthSlices.Slice> slices;
  private final PanelLayout layout;
  private final float[] bias;
  private final int[] starts;
  private final Epilogue epilogue;
  private final Finish none;
  private final @Nullable Finish fused;
  private final int panelGroup;

  /**
   * A product whose sums are added up in float32 alone.
   *
   * @param bias one for each padded column
   */
  BlockedProduct(
      MatrixOperations operations,
      GatheredRows rows,
      PanelLayout layout,
      float[] bias,
      Epilogue epilogue) {
    this(
        operations,
        List.of(new DepthSlices.Slice(rows, 0, layout, 0)),
        layout,
        bias,
        new int[0],
        epilogue);
  }

  /**
   * A product of integers in slices whose sums are exact in float32; they are added up in int32,
   * which wraps, and rounded to float32 once at the end.
   *
   * @param starts what the sums start from, one for each column; not empty
   */
  BlockedProduct(MatrixOperations operations, DepthSlices slices, int[] starts, Epilogue epilogue) {
    this(
        operations,
        slices.slices(),
        slices.layout(),
        new float[slices.layout().paddedColumns()],
        starts,
        epilogue);
  }

  private BlockedProduct(
      MatrixOperations operations,
      List<DepthSlices.Slice> slices,
      PanelLayout layout,
      float[] bias,
      int[] starts,
      Epilogue epilogue) {
    this.operations = operations;
    this.slices = slices;
    this.layout = layout;
    this.bias = bias;
    this.starts = starts;
    this.epilogue = epilogue;
    this.none = Finish.none(layout.paddedColumns());
    this.fused =
        starts.length > 0
            ? null
            : epilogue
                .finish(layout.columns())
                .map(finish -> finish.padded(layout.paddedColumns()))
                .orElse(null);
    int depth = slices.stream().mapToInt(slice -> slice.layout().depth()).sum();
    int panelFloats = Math.max(1, layout.panelWidth() * depth);
    this.panelGroup = Math.max(1, PANEL_GROUP_FLOATS / panelFloats);
  }

  /** Floats of scratch memory that {@link #run} needs. */
  int scratchFloats() {
    return operations.scratchFloats();
  }

  /** Ints of scratch memory that {@link #run} needs. */
  int scratchInts() {
    int columns = Math.min(layout.columns(), panelGroup * layout.panelWidth());
    return starts.length == 0 ? 0 : Math.max(BLOCK_FLOATS, ROW_MULTIPLE * columns);
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
      Scratch scratch) {
    Finish finish = fused == null || residual != null ? none : fused;
    for (int group = panelFrom; group < panelTo; group += panelGroup) {
      int groupEnd = Math.min(panelTo, group + panelGroup);
      int column = group * layout.panelWidth();
      int columns = Math.min(layout.columns(), groupEnd * layout.panelWidth()) - column;
      int blockRows = Math.max(1, BLOCK_FLOATS / columns / ROW_MULTIPLE) * ROW_MULTIPLE;
      for (int row = rowFrom; row < rowTo; row += blockRows) {
        int rowEnd = Math.min(rowTo, row + blockRows);
        int target = cOffset + row * cStride + column;
        // By index: an iterator would be allocated in each run.
        for (int i = 0; i < slices.size(); i++) {
          DepthSlices.Slice slice = slices.get(i);
          operations.multiply(
              slice.rows(),
              a,
              aOffset,
              slice.layout(),
              b,
              bOffset + slice.offset(),
              bias,
              finish,
              c,
              cOffset,
              cStride,
              row,
              rowEnd,
              group,
              groupEnd,
              scratch);
          if (starts.length > 0) {
            addUp(slice, c, target, cStride, rowEnd - row, column, columns, scratch.ints());
          }
        }
        if (finish == none) {
          epilogue.apply(
              c,
              target,
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

  /**
   * Adds the sums of a slice, which lie in c, to those of the slices before it; after the last one,
   * c holds all of them.
   */
  private void addUp(
      DepthSlices.Slice slice,
      float[] c,
      int cFrom,
      int cStride,
      int rows,
      int column,
      int columns,
      int[] sums) {
    boolean isFirst = slice == slices.get(0);
    boolean isLast = slice == slices.get(slices.size() - 1);
    for (int row = 0; row < rows; row++) {
      int at = row * columns;
      int from = cFrom + row * cStride;
      if (isFirst) {
        System.arraycopy(starts, column, sums, at, columns);
      }
      for (int j = 0; j < columns; j++) {
        sums[at + j] += (int) c[from + j];
      }
      for (int j = 0; isLast && j < columns; j++) {
        c[from + j] = sums[at + j];
      }
    }
  }
}
