package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Mem;

/**
 * What the sums of a {@link MatrixCode} start from, and how they become floats of the output. Each
 * kind has some constants for each column, which lie behind the panel's weights: a vector of the
 * first for each vector of columns, then of the second, and so on.
 */
interface MatrixFinish {

  /**
   * A tile of sums: that of a row and vector lies in register {@code row * vectors + vector}; those
   * behind are free, at least four.
   *
   * @param columns of the panel
   * @param constants the panel's
   * @param output where the tile's first element goes
   * @param residual where the tile's first element of the residual lies
   * @param stride bytes from one row to the next, of both
   */
  record Tile(
      int rows, int vectors, int columns, Mem constants, Mem output, Mem residual, int stride) {}

  /** Sets the sums before anything is added. */
  void start(int rows, int vectors, Mem constants);

  /** Finishes the sums and stores them. */
  void emit(Tile tile);

  /** Stores a tile's registers. */
  static void store(VectorCode code, Tile tile) {
    int spare = tile.rows() * tile.vectors();
    for (int row = 0; row < tile.rows(); row++) {
      for (int vector = 0; vector < tile.vectors(); vector++) {
        Mem to = tile.output().plus(row * tile.stride() + vector * code.vectorBytes());
        int count = Math.min(code.dwords(), tile.columns() - vector * code.dwords());
        code.store(to, row * tile.vectors() + vector, 0, count, spare);
      }
    }
  }
}
