package dev.tinytitan.simd;

import static dev.tinytitan.simd.FloatVectors.LANES;

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
      for (int row = rowFrom; row < rowTo; row += ROWS) {
        int last = Math.min(row + ROWS, rowTo) - 1;
        int target = cOffset + row * cStride + column;
        if (filled == width) {
          tile(rows, a, aOffset, row, last, b, from, width, bias, column, c, target, cStride);
        } else {
          tile(
              rows,
              a,
              aOffset,
              row,
              last,
              b,
              from,
              width,
              bias,
              column,
              scratch.floats(),
              0,
              width);
          for (int i = 0; i <= last - row; i++) {
            System.arraycopy(scratch.floats(), i * width, c, target + i * cStride, filled);
          }
        }
      }
    }
  }

  private static void tile(
      GatheredRows rows,
      float[] a,
      int aOffset,
      int row,
      int last,
      float[] b,
      int bFrom,
      int width,
      float[] bias,
      int column,
      float[] c,
      int cFrom,
      int cStride) {
    int[] starts = rows.starts();
    if (rows.isScattered()) {
      scatteredTile(
          a,
          aOffset,
          starts,
          row,
          last,
          rows.steps(),
          b,
          bFrom,
          width,
          bias,
          column,
          c,
          cFrom,
          cStride);
      return;
    }
    int[] segments = rows.segments();
    int length = rows.segmentLength();
    // The first segment starts from the bias, the others from the sums so far.
    contiguousTile(
        a,
        aOffset + segments[0],
        starts,
        row,
        last,
        length,
        b,
        bFrom,
        width,
        bias,
        column,
        0,
        c,
        cFrom,
        cStride);
    for (int s = 1; s < segments.length; s++) {
      contiguousTile(
          a,
          aOffset + segments[s],
          starts,
          row,
          last,
          length,
          b,
          bFrom + s * length * width,
          width,
          c,
          cFrom,
          cStride,
          c,
          cFrom,
          cStride);
    }
  }

  private static void contiguousTile(
      float[] a,
      int aFrom,
      int[] starts,
      int row,
      int last,
      int length,
      float[] b,
      int bFrom,
      int width,
      float[] initial,
      int initialFrom,
      int initialStride,
      float[] c,
      int cFrom,
      int cStride) {
    if (width == 2 * LANES) {
      if (row == last) {
        DoubleTiles.contiguous1(
            a, aFrom + starts[row], length, b, bFrom, initial, initialFrom, c, cFrom);
      } else if (last - row < 6) {
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
    } else if (row == last) {
      SingleTiles.contiguous1(
          a, aFrom + starts[row], length, b, bFrom, initial, initialFrom, c, cFrom);
    } else if (last - row < 6) {
      SingleTiles.contiguous6(
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
      SingleTiles.contiguous12(
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

  private static void scatteredTile(
      float[] a,
      int aFrom,
      int[] starts,
      int row,
      int last,
      int[] steps,
      float[] b,
      int bFrom,
      int width,
      float[] bias,
      int column,
      float[] c,
      int cFrom,
      int cStride) {
    int length = steps.length;
    if (width == 2 * LANES) {
      if (last - row < 6) {
        DoubleTiles.scattered6(
            a, aFrom, starts, row, last, steps, length, b, bFrom, bias, column, 0, c, cFrom,
            cStride);
      } else {
        DoubleTiles.scattered12(
            a, aFrom, starts, row, last, steps, length, b, bFrom, bias, column, 0, c, cFrom,
            cStride);
      }
    } else if (last - row < 6) {
      SingleTiles.scattered6(
          a, aFrom, starts, row, last, steps, length, b, bFrom, bias, column, 0, c, cFrom, cStride);
    } else {
      SingleTiles.scattered12(
          a, aFrom, starts, row, last, steps, length, b, bFrom, bias, column, 0, c, cFrom, cStride);
    }
  }
}
