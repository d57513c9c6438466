package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.Isa;

/**
 * How a constant matrix is cut up: panels of columns, of which a tile of rows is computed at a time
 * with all sums in registers.
 *
 * @param depth length of the sums
 * @param columns of the matrix
 * @param inputBytes of one input element: 4 for floats, 1 for quantized ones
 */
record MatrixShape(int depth, int columns, int inputBytes) {
  /**
   * Rows of a tile. Together with {@link #vectors} that is most of the registers; many rows and few
   * columns, since each step reads its weights from the second-level cache if a panel is large.
   */
  static int tileRows(Isa isa) {
    return isa.vectorRegisters() == 32 ? 8 : 6;
  }

  /** Vectors of columns in a panel. */
  static int vectors(Isa isa) {
    return isa.vectorRegisters() == 32 ? 3 : 2;
  }

  /** Columns of a panel; the last one may have fewer. */
  static int panelColumns(Isa isa) {
    return vectors(isa) * isa.vectorBits() / 32;
  }

  /** Multiply-adds of a tile. */
  double tileProducts(Isa isa) {
    return (double) tileRows(isa) * panelColumns(isa) * depth;
  }

  /** How many panels there are. */
  int panels(Isa isa) {
    return Math.ceilDiv(columns, panelColumns(isa));
  }

  /** Columns that a panel has. */
  int columnsOf(Isa isa, int panel) {
    return Math.min(panelColumns(isa), columns - panel * panelColumns(isa));
  }

  /** Vectors that a panel of this many columns takes. */
  static int vectors(Isa isa, int panelColumns) {
    return Math.ceilDiv(panelColumns, isa.vectorBits() / 32);
  }

  /** Steps of 32 bits along the depth. */
  int steps() {
    return Math.ceilDiv(depth * inputBytes, 4);
  }

  /** Bytes from one row of the input to the next: quantized rows are padded to whole steps. */
  int inputStride() {
    return 4 * steps();
  }

  /** Bytes from one row of the output to the next. */
  int outputStride() {
    return Float.BYTES * columns;
  }
}
