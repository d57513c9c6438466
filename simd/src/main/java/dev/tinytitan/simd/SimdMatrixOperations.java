package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.LANES;

import dev.tinytitan.kernel.Finish;
import dev.tinytitan.kernel.GatheredRows;
import dev.tinytitan.kernel.MatrixOperations;
import dev.tinytitan.kernel.PanelLayout;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Scratch;

/** Matrix products in tiles of up to 12 rows by two vectors. */
final class SimdMatrixOperations implements MatrixOperations {
  /** Rows of a tile: as many as the registers hold sums of. */
  private static final int ROWS = FloatVectors.MANY_REGISTERS ? 12 : 6;

  private static final int VECTORS = 2;

  @Override
  public int lanes() {
    return LANES;
  }

  @Override
  public int panelVectors() {
    return VECTORS;
  }

  @Override
  public int scratchFloats() {
    return ROWS * VECTORS * LANES;
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
    for (int panel = panelFrom; panel < panelTo; panel++) {
      int width = layout.width(panel);
      int column = panel * layout.panelWidth();
      int filled = Math.min(width, layout.columns() - column);
      int from = bOffset + layout.offset(panel);
      int target = cOffset + rowFrom * cStride + column;
      boolean isWhole = filled == width;
      for (int row = rowFrom; row < rowTo; row += ROWS) {
        int last = Math.min(row + ROWS, rowTo) - 1;
        float[] to = isWhole ? c : scratch.floats();
        int at = isWhole ? target + (row - rowFrom) * cStride : 0;
        int stride = isWhole ? cStride : width;
        if (width == LANES) {
          singleTile(rows, row, last, a, aOffset, b, from, bias, finish, column, to, at, stride);
        } else {
          doubleTile(rows, row, last, a, aOffset, b, from, bias, column, to, at, stride);
        }
        if (!isWhole) {
          int count = last - row + 1;
          int place = target + (row - rowFrom) * cStride;
          if (width > LANES) {
            FinishLoops.finish(finish, to, 0, width, count, column);
            FinishLoops.copyColumns(to, 0, width, count, LANES, c, place, cStride);
          }
          int rest = width - LANES;
          FinishLoops.copyColumns(
              to, rest, width, count, filled - rest, c, place + rest, cStride);
        }
      }
      if (isWhole && width > LANES) {
        FinishLoops.finish(finish, c, target, cStride, rowTo - rowFrom, column);
      }
    }
  }

  private static void singleTile(
      GatheredRows rows,
      int row,
      int last,
      float[] a,
      int aOffset,
      float[] b,
      int bFrom,
      float[] bias,
      Finish finish,
      int column,
      float[] c,
      int cFrom,
      int cStride) {
    if (row == last && rows.segments().length == 1) {
      int from = aOffset + rows.starts()[row] + rows.segments()[0];
      SingleTiles.row(a, from, rows.segmentLength(), b, bFrom, bias, finish, column, c, cFrom);
    } else if (last - row < 6) {
      SingleTiles.rows6(
          rows, row, last, a, aOffset, b, bFrom, bias, finish, column, c, cFrom, cStride);
    } else {
      SingleTiles.rows12(
          rows, row, last, a, aOffset, b, bFrom, bias, finish, column, c, cFrom, cStride);
    }
  }

  /** The sums of a tile two vectors wide, not finished yet. */
  private static void doubleTile(
      GatheredRows rows,
      int row,
      int last,
      float[] a,
      int aOffset,
      float[] b,
      int bFrom,
      float[] bias,
      int column,
      float[] c,
      int cFrom,
      int cStride) {
    int[] starts = rows.starts();
    if (rows.isScattered()) {
      int[] steps = rows.steps();
      int depth = steps.length;
      if (last - row < 6) {
        DoubleTiles.scattered6(
            a, aOffset, starts, row, last, steps, depth, b, bFrom, bias, column, 0, c, cFrom,
            cStride);
      } else {
        DoubleTiles.scattered12(
            a, aOffset, starts, row, last, steps, depth, b, bFrom, bias, column, 0, c, cFrom,
            cStride);
      }
      return;
    }
    int[] segments = rows.segments();
    int length = rows.segmentLength();
    // The first segment starts from the bias, the others from the sums so far.
    contiguous(
        a, aOffset + segments[0], starts, row, last, length, b, bFrom, bias, column, 0, c, cFrom,
        cStride);
    for (int s = 1; s < segments.length; s++) {
      int from = bFrom + s * length * 2 * LANES;
      contiguous(
          a, aOffset + segments[s], starts, row, last, length, b, from, c, cFrom, cStride, c, cFrom,
          cStride);
    }
  }

  private static void contiguous(
      float[] a,
      int aFrom,
      int[] starts,
      int row,
      int last,
      int length,
      float[] b,
      int bFrom,
      float[] initial,
      int initialFrom,
      int initialStride,
      float[] c,
      int cFrom,
      int cStride) {
    if (row == last) {
      DoubleTiles.contiguous1(
          a, aFrom + starts[row], length, b, bFrom, initial, initialFrom, c, cFrom);
    } else if (last - row < 6) {
      DoubleTiles.contiguous6(
          a, aFrom, starts, row, last, length, b, bFrom, initial, initialFrom, initialStride, c,
          cFrom, cStride);
    } else {
      DoubleTiles.contiguous12(
          a, aFrom, starts, row, last, length, b, bFrom, initial, initialFrom, initialStride, c,
          cFrom, cStride);
    }
  }
}
