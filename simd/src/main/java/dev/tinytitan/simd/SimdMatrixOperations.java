package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.LANES;

import dev.tinytitan.kernel.Finish;
import dev.tinytitan.kernel.GatheredRows;
import dev.tinytitan.kernel.MatrixOperations;
import dev.tinytitan.kernel.PanelLayout;
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
      int from = bOffset + layout.offset(panel);
      int column = panel * layout.panelWidth();
      int filled = Math.min(layout.width(panel), layout.columns() - column);
      int to = cOffset + column;
      if (layout.width(panel) == LANES) {
        singlePanel(
            rows,
            a,
            aOffset,
            b,
            from,
            bias,
            finish,
            column,
            filled,
            c,
            to,
            cStride,
            rowFrom,
            rowTo,
            scratch.floats());
      } else {
        doublePanel(
            rows,
            a,
            aOffset,
            b,
            from,
            bias,
            finish,
            column,
            filled,
            c,
            to,
            cStride,
            rowFrom,
            rowTo,
            scratch.floats());
      }
    }
  }

  @Override
  public boolean multipliesBytes() {
    return FloatVectors.HAS_BYTES;
  }

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
    for (int panel = panelFrom; panel < panelTo; panel++) {
      int from = layout.offset(panel);
      int width = layout.width(panel);
      int column = panel * layout.panelWidth();
      boolean isWhole = column + width <= layout.columns();
      float[] target = isWhole ? c : scratch.floats();
      int to = isWhole ? column : 0;
      if (width == LANES) {
        ByteTiles.single(a, layout.depth(), b, from, bias, finish, column, target, to);
      } else {
        ByteTiles.twofold(a, layout.depth(), b, from, bias, finish, column, target, to);
      }
      if (!isWhole) {
        System.arraycopy(target, 0, c, column, layout.columns() - column);
      }
    }
  }

  /** A panel one vector wide; its tiles finish their sums. */
  private static void singlePanel(
      GatheredRows rows,
      float[] a,
      int aOffset,
      float[] b,
      int bFrom,
      float[] bias,
      Finish finish,
      int column,
      int filled,
      float[] c,
      int cFrom,
      int cStride,
      int rowFrom,
      int rowTo,
      float[] scratch) {
    for (int row = rowFrom; row < rowTo; row += ROWS) {
      int last = Math.min(row + ROWS, rowTo) - 1;
      int target = cFrom + row * cStride;
      // Rows without gaps may be written beyond their ends: the rows behind them put that right.
      boolean mayRunOver = cStride == filled && (rowTo - last - 1) * filled >= LANES - filled;
      if (filled == LANES || mayRunOver) {
        singleTile(rows, row, last, a, aOffset, b, bFrom, bias, finish, column, c, target, cStride);
      } else {
        singleTile(rows, row, last, a, aOffset, b, bFrom, bias, finish, column, scratch, 0, LANES);
        FinishLoops.copyColumns(scratch, 0, LANES, last - row + 1, filled, c, target, cStride);
      }
    }
  }

  /** A panel two vectors wide, whose sums are finished from the cache. */
  private static void doublePanel(
      GatheredRows rows,
      float[] a,
      int aOffset,
      float[] b,
      int bFrom,
      float[] bias,
      Finish finish,
      int column,
      int filled,
      float[] c,
      int cFrom,
      int cStride,
      int rowFrom,
      int rowTo,
      float[] scratch) {
    int width = 2 * LANES;
    if (rowFrom + 1 == rowTo && rows.segments().length == 1) {
      int from = aOffset + rows.starts()[rowFrom] + rows.segments()[0];
      int target = cFrom + rowFrom * cStride;
      boolean isWhole = filled == width;
      DoubleTiles.row(
          a,
          from,
          rows.segmentLength(),
          b,
          bFrom,
          bias,
          finish,
          column,
          isWhole ? c : scratch,
          isWhole ? target : 0);
      if (!isWhole) {
        System.arraycopy(scratch, 0, c, target, filled);
      }
      return;
    }
    for (int row = rowFrom; row < rowTo; row += ROWS) {
      int last = Math.min(row + ROWS, rowTo) - 1;
      int target = cFrom + row * cStride;
      if (filled == width) {
        doubleTile(rows, row, last, a, aOffset, b, bFrom, bias, column, c, target, cStride);
      } else {
        int count = last - row + 1;
        doubleTile(rows, row, last, a, aOffset, b, bFrom, bias, column, scratch, 0, width);
        FinishLoops.finish(finish, scratch, 0, width, count, column);
        FinishLoops.copyColumns(scratch, 0, width, count, LANES, c, target, cStride);
        FinishLoops.copyColumns(
            scratch, LANES, width, count, filled - LANES, c, target + LANES, cStride);
      }
    }
    if (filled == width) {
      FinishLoops.finish(finish, c, cFrom + rowFrom * cStride, cStride, rowTo - rowFrom, column);
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
    boolean isSmall = last - row < 6;
    if (rows.isScattered()) {
      int[] starts = rows.starts();
      int distance = distance(starts, row, last);
      if (distance != 0 && last - row == 11) {
        int from = aOffset + starts[row];
        int[] steps = rows.steps();
        SingleTiles.spaced12(
            steps, a, from, distance, b, bFrom, bias, finish, column, c, cFrom, cStride);
        return;
      }
      int middle = Math.min(row + 5, last);
      SingleTiles.pieces6(
          rows, row, middle, a, aOffset, b, bFrom, bias, finish, column, c, cFrom, cStride);
      if (middle < last) {
        int to = cFrom + 6 * cStride;
        SingleTiles.pieces6(
            rows, middle + 1, last, a, aOffset, b, bFrom, bias, finish, column, c, to, cStride);
      }
    } else if (rows.segments().length > 1) {
      if (isSmall) {
        SingleTiles.pieces6(
            rows, row, last, a, aOffset, b, bFrom, bias, finish, column, c, cFrom, cStride);
      } else {
        SingleTiles.pieces12(
            rows, row, last, a, aOffset, b, bFrom, bias, finish, column, c, cFrom, cStride);
      }
    } else if (row == last) {
      int from = aOffset + rows.starts()[row] + rows.segments()[0];
      SingleTiles.row(a, from, rows.segmentLength(), b, bFrom, bias, finish, column, c, cFrom);
    } else if (isSmall) {
      SingleTiles.rows6(
          rows, row, last, a, aOffset, b, bFrom, bias, finish, column, c, cFrom, cStride);
    } else {
      SingleTiles.rows12(
          rows, row, last, a, aOffset, b, bFrom, bias, finish, column, c, cFrom, cStride);
    }
  }

  /** How far rows lie apart if that is the same for all of them; else 0. */
  private static int distance(int[] starts, int row, int last) {
    int distance = row == last ? 0 : starts[row + 1] - starts[row];
    for (int i = row + 2; i <= last; i++) {
      if (starts[i] - starts[i - 1] != distance) {
        return 0;
      }
    }
    return distance;
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
        a,
        aOffset + segments[0],
        starts,
        row,
        last,
        length,
        b,
        bFrom,
        bias,
        column,
        0,
        c,
        cFrom,
        cStride);
    for (int s = 1; s < segments.length; s++) {
      int from = bFrom + s * length * 2 * LANES;
      contiguous(
          a,
          aOffset + segments[s],
          starts,
          row,
          last,
          length,
          b,
          from,
          c,
          cFrom,
          cStride,
          c,
          cFrom,
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
    if (last - row < 6) {
      DoubleTiles.contiguous6(
          a,
          aFrom,
          starts,
          row,
          last,
          length,
          b,
          bFrom,
          initial,
          initialFrom,
          initialStride,
          c,
          cFrom,
          cStride);
    } else {
      DoubleTiles.contiguous12(
          a,
          aFrom,
          starts,
          row,
          last,
          length,
          b,
          bFrom,
          initial,
          initialFrom,
          initialStride,
          c,
          cFrom,
          cStride);
    }
  }
}
