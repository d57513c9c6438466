package dev.tinytitan.codegen.chain;

import java.util.ArrayList;
import java.util.List;

/**
 * How a {@link SparseProductLayer} lays an input out: for each four bytes of a place (four 8-bit
 * channels or one float) a plane, in which places follow each other, so that a vector holds the
 * same channels of neighbouring places of the output. Results lie alike, place by place.
 *
 * <p>There are two kinds. With planes of their own for each column of the window, and where it
 * moves by several rows, for each remainder of rows, every tap reads from its planes as many
 * places, one after the other, as the output has; taps of different rows differ by whole rows.
 * Nothing but the output's places is computed so. Where these planes are too much for the first
 * cache there is but one for all taps, with the border in it: results between the ends of rows are
 * computed for nothing then.
 *
 * @param origin where the first window starts, in the binding's memory
 * @param rowBytes from one row of the input that a phase meets to the next
 * @param columnBytes from one column of the input that a phase meets to the next
 * @param groups four bytes that a place of the input has
 * @param rows of the output
 * @param columns of the output
 * @param pitch places from one row of a plane to the next, at least as many as columns
 * @param bordered whether one plane, with its border, serves all columns of the window
 * @param rowStride by how many rows of the input the window moves
 * @param rowDilation by how many rows of the input the window's rows are apart
 * @param columnDilation by how many columns of the input the window's columns are apart
 * @param phases in order of their planes
 */
record PlaneGrid(
    int origin,
    int rowBytes,
    int columnBytes,
    int groups,
    int rows,
    int columns,
    int pitch,
    boolean bordered,
    int rowStride,
    int rowDilation,
    int columnDilation,
    List<Phase> phases) {

  /**
   * The places that some of the window's taps meet: those of one column, whose rows have the same
   * remainder by the stride.
   *
   * @param row the remainder
   * @param column of the window
   * @param start the first place, in bytes from the origin
   * @param rows how many rows of places
   */
  record Phase(int row, int column, int start, int rows) {}

  /** Bytes up to which planes for each column were measured to be better than one for all. */
  static final int MOST_COLUMN_PLANES = 64 << 10;

  /**
   * The grid of a product; its buffers have places.
   *
   * @param mostBytes that planes of their own for each column may take
   */
  static PlaneGrid of(Buffer input, Buffer output, ProductLayer.Window window, int mostBytes) {
    PlaneGrid grid = of(input, output, window, output.width(), false);
    boolean moves = window.rowStride() == 1 && window.columnStride() == 1;
    long bytes = 0;
    for (Phase phase : grid.phases) {
      bytes += (long) phase.rows() * output.width() * input.pixelBytes();
    }
    if (!moves || window.kernelColumns() == 1 || bytes <= mostBytes) {
      return grid;
    }
    int border = (window.kernelColumns() - 1) * window.columnDilation();
    return of(input, output, window, output.width() + border, true);
  }

  /** The grid of a product with so many places from row to row. */
  static PlaneGrid of(
      Buffer input, Buffer output, ProductLayer.Window window, int pitch, boolean bordered) {
    List<Phase> phases = new ArrayList<>();
    int columns = bordered ? 1 : window.kernelColumns();
    int stride = window.rowStride();
    for (int row = 0; row < stride; row++) {
      int reach = -1;
      for (int tap = 0; tap < window.kernelRows(); tap++) {
        if (tap * window.rowDilation() % stride == row) {
          reach = tap * window.rowDilation() / stride;
        }
      }
      for (int column = 0; column < columns && reach >= 0; column++) {
        int start = row * input.rowBytes() + column * window.columnDilation() * input.pixelBytes();
        phases.add(new Phase(row, column, start, output.height() + reach));
      }
    }
    return new PlaneGrid(
        input.inside() - window.top() * input.rowBytes() - window.left() * input.pixelBytes(),
        stride * input.rowBytes(),
        window.columnStride() * input.pixelBytes(),
        input.pixelBytes() / 4,
        output.height(),
        output.width(),
        pitch,
        bordered,
        stride,
        window.rowDilation(),
        window.columnDilation(),
        phases);
  }

  /** Whether a layer's places lie such that there is a grid: four bytes belong to one place. */
  static boolean takes(Buffer input) {
    return input.pixelBytes() % 4 == 0;
  }

  /** Positions in planes up to the output's last place. */
  int positions() {
    return (rows - 1) * pitch + columns;
  }

  /** By how many positions a tap is behind the first of its phase. */
  int shift(ProductLayer.Tap tap) {
    int inRow = bordered ? tap.column() * columnDilation : 0;
    return tap.row() * rowDilation / rowStride * pitch + inRow;
  }

  /** The phase in which a tap of the window lies. */
  int phase(ProductLayer.Tap tap) {
    int row = tap.row() * rowDilation % rowStride;
    for (int i = 0; i < phases.size(); i++) {
      if (phases.get(i).row() == row && (bordered || phases.get(i).column() == tap.column())) {
        return i;
      }
    }
    throw new IllegalStateException("No phase holds " + tap + ".");
  }

  /**
   * Positions of a plane that transfers touch, when they read and write whole vectors.
   *
   * @param perVector positions of a vector
   */
  int touched(int perVector) {
    int most = 0;
    for (Phase phase : phases) {
      most = Math.max(most, phase.rows() * pitch + perVector - 1);
    }
    return most;
  }

  /** Vectors of places, all phases counted, that an input has as {@link PlaneTransfer} walks. */
  int inputVectors(int perVector) {
    int vectors = 0;
    int inPlane = columnsInPlane();
    boolean oneRow = inPlane == pitch && (pitch == 1 || rowBytes == pitch * columnBytes);
    for (Phase phase : phases) {
      vectors += vectors(phase.rows(), inPlane, oneRow, perVector);
    }
    return vectors;
  }

  /** Vectors of places that an output has. */
  int outputVectors(int perVector, Buffer output) {
    boolean oneRow = columns == pitch && (pitch == 1 || output.rowBytes() == output.rowInside());
    return vectors(rows, columns, oneRow, perVector);
  }

  private static int vectors(int rows, int columns, boolean oneRow, int perVector) {
    return oneRow
        ? Math.ceilDiv(rows * columns, perVector)
        : rows * Math.ceilDiv(columns, perVector);
  }

  /** Columns of a plane that are filled. */
  int columnsInPlane() {
    return bordered ? pitch : columns;
  }

  /** The last byte that transfers read, and one more. */
  long end() {
    long end = 0;
    for (Phase phase : phases) {
      long last =
          (long) origin
              + phase.start()
              + (phase.rows() - 1L) * rowBytes
              + (columnsInPlane() - 1L) * columnBytes;
      end = Math.max(end, last + Math.ceilDiv(groups, 4) * 16L);
    }
    return end;
  }
}
