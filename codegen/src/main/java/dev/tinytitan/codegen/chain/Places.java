package dev.tinytitan.codegen.chain;

/**
 * The places of an output as a grid of rows and columns with constant distances in memory, in as
 * few rows as possible: where rows follow each other without a gap they are one.
 *
 * @param rows at least 1
 * @param columns at least 1
 * @param inputStart where the first window starts, in the binding's memory
 * @param inputRow bytes in the input from one row to the next
 * @param inputColumn bytes in the input from one column to the next
 * @param outputStart where the first place lies
 * @param outputRow bytes in the output from one row to the next
 * @param outputColumn bytes in the output from one column to the next
 */
record Places(
    int rows,
    int columns,
    int inputStart,
    int inputRow,
    int inputColumn,
    int outputStart,
    int outputRow,
    int outputColumn) {

  /** The places of a layer's output. */
  static Places of(Buffer input, Buffer output, ProductLayer.Window window) {
    return new Places(
            output.height(),
            output.width(),
            input.inside() - window.top() * input.rowBytes() - window.left() * input.pixelBytes(),
            window.rowStride() * input.rowBytes(),
            window.columnStride() * input.pixelBytes(),
            output.inside(),
            output.rowBytes(),
            output.pixelBytes())
        .merged();
  }

  private Places merged() {
    if (columns == 1) {
      return new Places(
          1, rows, inputStart, rows * inputRow, inputRow, outputStart, rows * outputRow, outputRow);
    }
    if (rows == 1 || (inputRow == columns * inputColumn && outputRow == columns * outputColumn)) {
      return new Places(
          1,
          rows * columns,
          inputStart,
          rows * inputRow,
          inputColumn,
          outputStart,
          rows * outputRow,
          outputColumn);
    }
    return this;
  }
}
