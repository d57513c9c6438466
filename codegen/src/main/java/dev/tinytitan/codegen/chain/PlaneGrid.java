package dev.tinytitan.codegen.chain;

import java.util.ArrayList;
import java.util.List;

/**
 * How a {@link SparseProductLayer} lays an input out: for each four bytes of a place (four 8-bit
 * channels or one float) a plane, in which places follow each other, so that a vector holds the
 * same channels of neighbouring places of the output. There are planes of their own for each column
 * of the window, and where the window moves by several rows, for each remainder of rows: then every
 * tap of the window reads from its planes as many places, one after the other, as the output has;
 * taps of different rows differ by whole rows. What is read is mostly aligned so, and nothing but
 * the output's places is computed.
 *
 * @param origin where the first window starts, in the binding's memory
 * @param rowBytes from one row of the input that a phase meets to the next
 * @param columnBytes from one column of the input that a phase meets to the next
 * @param groups four bytes that a place of the input has
 * @param rows of the output
 * @param columns of the output
 * @param rowStride by how many rows of the input the window moves
 * @param rowDilation by how many rows of the input the window's rows are apart
 * @param phases in order of their planes
 */
record PlaneGrid(
    int origin,
    int rowBytes,
    int columnBytes,
    int groups,
    int rows,
    int columns,
    int rowStride,
    int rowDilation,
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

  /** The grid of a product; its buffers have places. */
  static PlaneGrid of(Buffer input, Buffer output, ProductLayer.Window window) {
    List<Phase> phases = new ArrayList<>();
    int stride = window.rowStride();
    for (int row = 0; row < stride; row++) {
      int reach = -1;
      for (int tap = 0; tap < window.kernelRows(); tap++) {
        if (tap * window.rowDilation() % stride == row) {
          reach = tap * window.rowDilation() / stride;
        }
      }
      for (int column = 0; column < window.kernelColumns() && reach >= 0; column++) {
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
        stride,
        window.rowDilation(),
        phases);
  }

  /** Whether a layer's places lie such that there is a grid: four bytes belong to one place. */
  static boolean takes(Buffer input) {
    return input.pixelBytes() % 4 == 0;
  }

  /** Places of the output, which are positions in planes. */
  int positions() {
    return rows * columns;
  }

  /** By how many positions a tap is behind the first of its phase. */
  int shift(ProductLayer.Tap tap) {
    return tap.row() * rowDilation / rowStride * columns;
  }

  /** The phase in which a tap of the window lies. */
  int phase(ProductLayer.Tap tap) {
    int row = tap.row() * rowDilation % rowStride;
    for (int i = 0; i < phases.size(); i++) {
      if (phases.get(i).row() == row && phases.get(i).column() == tap.column()) {
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
      most = Math.max(most, phase.rows() * columns + perVector - 1);
    }
    return most;
  }

  /** Vectors of places, all phases counted, that an input has as {@link PlaneTransfer} walks. */
  int inputVectors(int perVector) {
    int vectors = 0;
    boolean oneRow = columns == 1 || rowBytes == columns * columnBytes;
    for (Phase phase : phases) {
      vectors += vectors(phase.rows(), oneRow, perVector);
    }
    return vectors;
  }

  /** Vectors of places that an output has. */
  int outputVectors(int perVector, Buffer output) {
    boolean oneRow = columns == 1 || output.rowBytes() == output.rowInside();
    return vectors(rows, oneRow, perVector);
  }

  private int vectors(int ofRows, boolean oneRow, int perVector) {
    return oneRow
        ? Math.ceilDiv(ofRows * columns, perVector)
        : ofRows * Math.ceilDiv(columns, perVector);
  }

  /** The last byte that transfers read, and one more. */
  long end() {
    long end = 0;
    for (Phase phase : phases) {
      long last =
          (long) origin
              + phase.start()
              + (phase.rows() - 1L) * rowBytes
              + (columns - 1L) * columnBytes;
      end = Math.max(end, last + Math.ceilDiv(groups, 4) * 16L);
    }
    return end;
  }
}
