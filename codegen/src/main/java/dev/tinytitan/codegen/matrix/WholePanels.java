package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.Isa;

/**
 * Panels for {@link MatrixCode}: step by step the weights as they are multiplied, then the columns'
 * constants, kind by kind.
 *
 * @param weightBytes bytes that the weights of one vector take in one step
 * @param constants how many constants each column has
 */
record WholePanels(Isa isa, MatrixShape shape, Values values, int weightBytes, int constants)
    implements PanelPacking {

  /** The weights of one place: what they are multiplied with, and the columns' constants. */
  interface Values {
    /**
     * Writes the weights of 32 bits of input.
     *
     * @param to one vector's weights in one step, from byte {@code at} on
     * @param element of the vector
     */
    void put(byte[] to, int at, int element, int step, int column);

    /** The bits of a column's constant. */
    int constant(int index, int column);
  }

  @Override
  public int bytes(int panel) {
    int vectors = MatrixShape.vectors(isa, shape.columnsOf(isa, panel));
    return Math.multiplyExact(
        vectors,
        Math.addExact(
            Math.multiplyExact(shape.steps(), weightBytes), constants * isa.vectorBits() / 8));
  }

  @Override
  public byte[] pack(int panel) {
    int columns = shape.columnsOf(isa, panel);
    int first = panel * MatrixShape.panelColumns(isa);
    int vectors = MatrixShape.vectors(isa, columns);
    int elements = isa.vectorBits() / 32;
    byte[] packed = new byte[bytes(panel)];
    for (int step = 0; step < shape.steps(); step++) {
      for (int column = 0; column < columns; column++) {
        int at = (step * vectors + column / elements) * weightBytes;
        values.put(packed, at, column % elements, step, first + column);
      }
    }
    int at = shape.steps() * vectors * weightBytes;
    for (int kind = 0; kind < constants; kind++) {
      for (int column = 0; column < columns; column++) {
        PanelPacking.putInt(packed, at + 4 * column, values.constant(kind, first + column));
      }
      at += vectors * elements * 4;
    }
    return packed;
  }
}
