package dev.tinytitan.codegen.chain;

import java.util.ArrayList;
import java.util.List;

/**
 * How a {@link SparseProductLayer} lays an input out: for each four bytes of a place (four 8-bit
 * channels or one float) a plane, in which places follow each other, so that a vector holds the
 * same channels of neighbouring places of the output. Results lie alike, place by place.
 *
 * <p>There are three kinds ({@link Columns}). With planes of their own for each column of the
 * window, and where it moves by several rows, for each remainder of rows, every tap reads from its
 * planes as many places, one after the other, as the output has; taps of different rows differ by
 * whole rows. Nothing but the output's places is computed so. Where these planes are too much for
 * the first cache there is but one for all taps, with the border in it: results between the ends of
 * rows are computed for nothing then. And where a row nearly fills a vector, each row is one: taps
 * of different columns read the same vector, shifted in a register.
 *
 * @param origin where the first window starts, in the binding's memory
 * @param rowBytes from one row of the input that a phase meets to the next
 * @param columnBytes from one column of the input that a phase meets to the next
 * @param groups four bytes that a place of the input has
 * @param rows of the output
 * @param columns of the output
 * @param pitch places from one row of a plane to the next, at least as many as columns
 * @param layout how the columns of the window find their places
 * @param filled columns of a plane that transfers fill
 * @param left by how many columns the first window starts before the input
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
    Columns layout,
    int filled,
    int left,
    int rowStride,
    int rowDilation,
    int columnDilation,
    List<Phase> phases) {

  /** How the columns of a window find their places. */
  enum Columns {
    /** Each in planes of its own. */
    APART,
    /** All in one plane, with its border, further on by some places. */
    BORDERED,
    /** All in one plane whose rows are vectors, shifted in registers. */
    SHIFTED
  }

  /**
   * Which layouts may be taken.
   *
   * @param mostBytes that planes of their own for each column may take
   * @param leastShifted columns from which on rows are laid into vectors
   * @param perVector places of a vector; 0 if registers cannot be shifted
   */
  record Limits(int mostBytes, int leastShifted, int perVector) {}

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

  /** The grid of a product; its buffers have places. */
  static PlaneGrid of(Buffer input, Buffer output, ProductLayer.Window window, Limits limits) {
    PlaneGrid grid = of(input, output, window, output.width(), Columns.APART);
    boolean moves = window.rowStride() == 1 && window.columnStride() == 1;
    if (!moves || window.kernelColumns() == 1) {
      return grid;
    }
    int border = (window.kernelColumns() - 1) * window.columnDilation();
    int columns = Math.max(input.width(), output.width());
    boolean near =
        window.left() < limits.perVector() && border - window.left() < limits.perVector();
    if (columns >= limits.leastShifted() && columns <= limits.perVector() && near) {
      return of(input, output, window, limits.perVector(), Columns.SHIFTED);
    }
    long bytes = 0;
    for (Phase phase : grid.phases) {
      bytes += (long) phase.rows() * output.width() * input.pixelBytes();
    }
    if (bytes <= limits.mostBytes()) {
      return grid;
    }
    return of(input, output, window, output.width() + border, Columns.BORDERED);
  }

  /** The grid of a product with so many places from row to row. */
  static PlaneGrid of(
      Buffer input, Buffer output, ProductLayer.Window window, int pitch, Columns layout) {
    List<Phase> phases = new ArrayList<>();
    int columns = layout == Columns.APART ? window.kernelColumns() : 1;
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
    // Rows of vectors start with the input's first column; windows bring what is before it along.
    int left = layout == Columns.SHIFTED ? window.left() : 0;
    int right = (window.kernelColumns() - 1) * window.columnDilation() - left;
    int filled =
        switch (layout) {
          case APART -> output.width();
          case BORDERED -> pitch;
          case SHIFTED -> Math.min(pitch, output.width() + Math.max(0, right));
        };
    return new PlaneGrid(
        input.inside()
            - window.top() * input.rowBytes()
            - (window.left() - left) * input.pixelBytes(),
        stride * input.rowBytes(),
        window.columnStride() * input.pixelBytes(),
        input.pixelBytes() / 4,
        output.height(),
        output.width(),
        pitch,
        layout,
        filled,
        left,
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

  /** By how many positions a tap is behind the first of its phase, in memory. */
  int shift(ProductLayer.Tap tap) {
    int inRow = layout == Columns.BORDERED ? tap.column() * columnDilation : 0;
    return tap.row() * rowDilation / rowStride * pitch + inRow;
  }

  /** By how many positions a tap is behind that, in registers; below 0 if before. */
  int shiftInRegister(ProductLayer.Tap tap) {
    return layout == Columns.SHIFTED ? tap.column() * columnDilation - left : 0;
  }

  /** The phase in which a tap of the window lies. */
  int phase(ProductLayer.Tap tap) {
    int row = tap.row() * rowDilation % rowStride;
    for (int i = 0; i < phases.size(); i++) {
      boolean holds = layout != Columns.APART || phases.get(i).column() == tap.column();
      if (phases.get(i).row() == row && holds) {
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
    boolean oneRow = filled == pitch && (pitch == 1 || rowBytes == pitch * columnBytes);
    for (Phase phase : phases) {
      vectors += vectors(phase.rows(), filled, oneRow, perVector);
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

  /** The last byte that transfers read, and one more. */
  long end() {
    long end = 0;
    for (Phase phase : phases) {
      long last =
          (long) origin
              + phase.start()
              + (phase.rows() - 1L) * rowBytes
              + (filled - 1L) * columnBytes;
      end = Math.max(end, last + Math.ceilDiv(groups, 4) * 16L);
    }
    return end;
  }
}
