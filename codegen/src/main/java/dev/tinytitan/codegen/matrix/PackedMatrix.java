package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.emit.ProductArithmetic;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.memory.ExecutableMemory;
import dev.tinytitan.codegen.memory.NativeFunction;
import dev.tinytitan.codegen.memory.NativeMemory;
import dev.tinytitan.codegen.memory.WeightMemory;
import dev.tinytitan.codegen.x86.X86Assembler;
import dev.tinytitan.kernel.PackedWeights;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A constant matrix packed for its {@link MatrixCode}, and that code: for any number of rows, so
 * that plans for inputs of all lengths share it. Immutable; safe for many threads until the session
 * ends.
 */
final class PackedMatrix {
  /** The function for whole panels. */
  static final String PANEL = "panel";

  /** The function for the last panel if it has fewer columns. */
  static final String LAST_PANEL = "last_panel";

  private final MatrixShape shape;
  private final Isa isa;
  private final NativeMemory.Block weights;
  private final ExecutableMemory code;

  /** Referred to as long as this is: the code ends when nobody does any more. */
  private final NativeMemory codeEnd;

  private final long[] panels;
  private final NativeFunction[] functions;

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

  /**
   * Packs a matrix and compiles its code.
   *
   * @param arithmetic what the sums are made of
   * @param finish what becomes of them
   * @param more writes further functions
   * @param owner ends it with the session
   */
  PackedMatrix(
      Target target,
      MatrixShape shape,
      Values values,
      Function<VectorCode, ProductArithmetic> arithmetic,
      Function<VectorCode, MatrixFinish> finish,
      Consumer<VectorCode> more,
      PackedWeights owner) {
    this.shape = shape;
    this.isa = target.isa();
    X86Assembler assembler = new X86Assembler(target);
    VectorCode chainCode = new VectorCode(assembler);
    ProductArithmetic products = arithmetic.apply(chainCode);
    MatrixFinish end = finish.apply(chainCode);
    MatrixCode matrixCode = new MatrixCode(chainCode, shape, products, end);
    int whole = MatrixShape.panelColumns(isa);
    if (shape.columns() >= whole) {
      matrixCode.emit(PANEL, whole);
    }
    if (shape.columns() % whole > 0) {
      matrixCode.emit(LAST_PANEL, shape.columns() % whole);
    }
    more.accept(chainCode);
    this.code = ExecutableMemory.of(assembler.finish());
    this.codeEnd = NativeMemory.of(code::close);
    int count = shape.panels(isa);
    long[] starts = new long[count + 1];
    for (int panel = 0; panel < count; panel++) {
      starts[panel + 1] = starts[panel] + panelBytes(panel, products, end);
    }
    this.weights = WeightMemory.allocate(owner, starts[count]);
    this.panels = new long[count];
    this.functions = new NativeFunction[count];
    for (int panel = 0; panel < count; panel++) {
      byte[] packed = pack(panel, values, products, end);
      MemorySegment.copy(
          packed, 0, weights.segment(), ValueLayout.JAVA_BYTE, starts[panel], packed.length);
      panels[panel] = weights.segment().address() + starts[panel];
      functions[panel] = code.function(shape.columnsOf(isa, panel) == whole ? PANEL : LAST_PANEL);
    }
    owner.closeAtEnd(codeEnd);
  }

  private int panelBytes(int panel, ProductArithmetic arithmetic, MatrixFinish finish) {
    int vectors = MatrixShape.vectors(isa, shape.columnsOf(isa, panel));
    return Math.multiplyExact(
        vectors,
        Math.addExact(
            Math.multiplyExact(shape.steps(), arithmetic.weightBytes()),
            finish.constants() * isa.vectorBits() / 8));
  }

  private byte[] pack(int panel, Values values, ProductArithmetic arithmetic, MatrixFinish finish) {
    int columns = shape.columnsOf(isa, panel);
    int first = panel * MatrixShape.panelColumns(isa);
    int vectors = MatrixShape.vectors(isa, columns);
    int elements = isa.vectorBits() / 32;
    byte[] packed = new byte[panelBytes(panel, arithmetic, finish)];
    for (int step = 0; step < shape.steps(); step++) {
      for (int column = 0; column < columns; column++) {
        int at = (step * vectors + column / elements) * arithmetic.weightBytes();
        values.put(packed, at, column % elements, step, first + column);
      }
    }
    int at = shape.steps() * vectors * arithmetic.weightBytes();
    for (int kind = 0; kind < finish.constants(); kind++) {
      for (int column = 0; column < columns; column++) {
        putInt(packed, at + 4 * column, values.constant(kind, first + column));
      }
      at += vectors * elements * 4;
    }
    return packed;
  }

  /** Writes an int as the processor has it. */
  static void putInt(byte[] to, int at, int value) {
    for (int i = 0; i < 4; i++) {
      to[at + i] = (byte) (value >> (8 * i));
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

  /** What multiplies rows with a panel. */
  NativeFunction function(int panel) {
    return functions[panel];
  }

  /** One of the further functions. */
  NativeFunction function(String symbol) {
    return code.function(symbol);
  }
}
