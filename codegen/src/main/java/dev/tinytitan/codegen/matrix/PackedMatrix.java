package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.emit.SharedFunctions;
import dev.tinytitan.codegen.memory.NativeFunction;
import dev.tinytitan.codegen.memory.NativeMemory;
import dev.tinytitan.codegen.memory.WeightMemory;
import dev.tinytitan.kernel.PackedWeights;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A constant matrix packed for its functions: for any number of rows, so that plans for inputs of
 * all lengths share it. Immutable; safe for many threads until the session ends.
 */
final class PackedMatrix {
  private final MatrixShape shape;
  private final Isa isa;

  /** Referred to as long as this is. */
  private final NativeMemory.Block weights;

  private final SharedFunctions functions;
  private final long[] panels;

  /**
   * Packs a matrix.
   *
   * @param owner ends it with the session
   */
  PackedMatrix(
      Isa isa,
      MatrixShape shape,
      PanelPacking packing,
      SharedFunctions functions,
      PackedWeights owner) {
    this.shape = shape;
    this.isa = isa;
    this.functions = functions;
    int count = shape.panels(isa);
    long[] starts = new long[count + 1];
    for (int panel = 0; panel < count; panel++) {
      starts[panel + 1] = starts[panel] + packing.bytes(panel);
    }
    this.weights = WeightMemory.allocate(owner, starts[count]);
    this.panels = new long[count];
    for (int panel = 0; panel < count; panel++) {
      byte[] packed = packing.pack(panel);
      MemorySegment.copy(
          packed, 0, weights.segment(), ValueLayout.JAVA_BYTE, starts[panel], packed.length);
      panels[panel] = weights.segment().address() + starts[panel];
    }
  }

  /** Rows that are multiplied at a time. */
  int tileRows() {
    return MatrixShape.tileRows(isa);
  }

  /** Multiply-adds of a tile. */
  double tileProducts() {
    return shape.tileProducts(isa);
  }

  MatrixShape shape() {
    return shape;
  }

  /** How many panels there are. */
  int panels() {
    return panels.length;
  }

  /** Whether a panel has all columns that one may have; the last one may not. */
  boolean isWhole(int panel) {
    return shape.columnsOf(isa, panel) == MatrixShape.panelColumns(isa);
  }

  /** The address of a panel's weights. */
  long weights(int panel) {
    return panels[panel];
  }

  /**
   * Bytes between the places of the panel behind {@code panel} that the steps of this many tiles of
   * rows fetch, so that all of them together fetch the panel. Few tiles leave out lines: the
   * processor fetches neighbours by itself.
   */
  long fetchStride(int panel, int tiles) {
    long bytes = panel + 1 < panels.length ? panels[panel + 1] - panels[panel] : 0;
    return Math.ceilDiv(bytes, (long) tiles * shape.steps());
  }

  /** The bytes from the start of an output row to a panel's columns. */
  long outputOffset(int panel) {
    return (long) panel * MatrixShape.panelColumns(isa) * Float.BYTES;
  }

  /** One of the matrix's functions. */
  NativeFunction function(String symbol) {
    return functions.function(symbol);
  }
}
