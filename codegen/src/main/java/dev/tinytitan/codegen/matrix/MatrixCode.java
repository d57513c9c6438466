package dev.tinytitan.codegen.matrix;

import static dev.tinytitan.codegen.x86.Gpr.R10;
import static dev.tinytitan.codegen.x86.Gpr.R11;
import static dev.tinytitan.codegen.x86.Gpr.R8;
import static dev.tinytitan.codegen.x86.Gpr.R9;
import static dev.tinytitan.codegen.x86.Gpr.RAX;
import static dev.tinytitan.codegen.x86.Gpr.RCX;
import static dev.tinytitan.codegen.x86.Gpr.RDX;
import static dev.tinytitan.codegen.x86.Gpr.RSI;
import static dev.tinytitan.codegen.x86.Instruction.VPBROADCASTD;

import dev.tinytitan.codegen.code.Label;
import dev.tinytitan.codegen.emit.ProductArithmetic;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Condition;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.X86Assembler;

/**
 * Writes the functions that multiply any number of rows with one panel of a constant matrix. Rows
 * and results lie in Java arrays, or quantized rows in native memory; weights lie panel by panel,
 * step by step as {@link ProductArithmetic} has them, with the {@link MatrixFinish}'s constants
 * behind each panel. One tile's sums stay in registers, and a panel in the second-level cache,
 * while the rows pass by.
 *
 * <p>The functions follow the System V ABI and change none of the registers that it keeps. They
 * take {@link MatrixArguments} and the arrays of input, output and residual.
 */
final class MatrixCode {
  /** The function for whole panels. */
  static final String PANEL = "panel";

  /** The function for the last panel if it has fewer columns. */
  static final String LAST_PANEL = "last_panel";

  /** Instructions in the body of a loop, at most about: they fit into the micro-op cache. */
  private static final int BODY = 300;

  private static final Gpr INPUT = RSI;
  private static final Gpr OUTPUT = RDX;
  private static final Gpr RESIDUAL = RCX;
  private static final Gpr WALK_INPUT = R8;
  private static final Gpr WALK_WEIGHTS = R9;
  private static final Gpr ROWS_LEFT = R10;
  private static final Gpr COUNT = R11;
  private static final Gpr FETCHED = RAX;

  private final VectorCode code;
  private final X86Assembler assembler;
  private final MatrixShape shape;
  private final ProductArithmetic arithmetic;
  private final MatrixFinish finish;

  MatrixCode(
      VectorCode code, MatrixShape shape, ProductArithmetic arithmetic, MatrixFinish finish) {
    this.code = code;
    this.assembler = code.assembler();
    this.shape = shape;
    this.arithmetic = arithmetic;
    this.finish = finish;
  }

  /** Writes the functions for whole panels and for the last one, as far as there are such. */
  void emit() {
    int whole = MatrixShape.panelColumns(code.isa());
    if (shape.columns() >= whole) {
      emit(PANEL, whole);
    }
    if (shape.columns() % whole > 0) {
      emit(LAST_PANEL, shape.columns() % whole);
    }
  }

  private void emit(String symbol, int columns) {
    int vectors = MatrixShape.vectors(code.isa(), columns);
    int tileRows = MatrixShape.tileRows(code.isa());
    assembler.align(64);
    assembler.symbol(symbol);
    code.startFunction();
    code.prepareStore(0, columns - (vectors - 1) * code.dwords());
    assembler.add(INPUT, MatrixArguments.at(MatrixArguments.INPUT_OFFSET));
    assembler.add(OUTPUT, MatrixArguments.at(MatrixArguments.OUTPUT_OFFSET));
    assembler.add(RESIDUAL, MatrixArguments.at(MatrixArguments.OUTPUT_OFFSET));
    assembler.mov(ROWS_LEFT, MatrixArguments.at(MatrixArguments.COUNT));
    assembler.mov(FETCHED, MatrixArguments.at(MatrixArguments.FETCHED));
    Label rest = assembler.label();
    Label next = assembler.here();
    assembler.cmp(ROWS_LEFT, tileRows);
    assembler.jump(Condition.L, rest);
    emitTile(tileRows, vectors, columns);
    assembler.add(INPUT, tileRows * shape.inputStride());
    assembler.add(OUTPUT, tileRows * shape.outputStride());
    assembler.add(RESIDUAL, tileRows * shape.outputStride());
    assembler.sub(ROWS_LEFT, tileRows);
    assembler.jmp(next);
    assembler.bind(rest);
    for (int rows = tileRows - 1; rows > 0; rows--) {
      Label other = assembler.label();
      assembler.cmp(ROWS_LEFT, rows);
      assembler.jump(Condition.NE, other);
      emitTile(rows, vectors, columns);
      assembler.vzeroupper();
      assembler.ret();
      assembler.bind(other);
    }
    assembler.vzeroupper();
    assembler.ret();
  }

  /** Steps in the body of a tile's loop. */
  private int unrolled(int rows, int vectors) {
    int perStep = rows * (vectors * (arithmetic.isSingle() ? 1 : 4) + 1) + vectors;
    return Math.max(1, Math.min(shape.steps(), BODY / perStep));
  }

  private void emitTile(int rows, int vectors, int columns) {
    int stepBytes = vectors * arithmetic.weightBytes();
    int unrolled = unrolled(rows, vectors);
    int whole = shape.steps() / unrolled;
    assembler.mov(WALK_INPUT, INPUT);
    assembler.mov(WALK_WEIGHTS, MatrixArguments.at(MatrixArguments.WEIGHTS));
    Mem constants = Mem.at(WALK_WEIGHTS, shape.steps() * stepBytes);
    finish.start(rows, vectors, constants);
    int moved = whole > 1 ? whole * unrolled : 0;
    for (var _ : code.loop(COUNT, whole)) {
      emitSteps(rows, vectors, 0, unrolled);
      if (moved > 0) {
        code.advance(WALK_INPUT, 4 * unrolled);
        code.advance(WALK_WEIGHTS, unrolled * stepBytes);
      }
    }
    emitSteps(rows, vectors, whole * unrolled - moved, shape.steps() - whole * unrolled);
    finish.emit(
        new MatrixFinish.Tile(
            rows,
            vectors,
            columns,
            constants.plus(-moved * stepBytes),
            Mem.at(OUTPUT),
            Mem.at(RESIDUAL),
            shape.outputStride()));
  }

  private void emitSteps(int rows, int vectors, int from, int count) {
    int sums = rows * vectors;
    int weightBytes = arithmetic.weightBytes();
    boolean held = arithmetic.isSingle() && rows > 1;
    int inputs = sums + (held ? vectors : 0);
    for (int step = from; step < from + count; step++) {
      Mem weights = Mem.at(WALK_WEIGHTS, step * vectors * weightBytes);
      assembler.prefetcht1(Mem.at(FETCHED));
      assembler.add(FETCHED, MatrixArguments.at(MatrixArguments.FETCH_STRIDE));
      for (int vector = 0; held && vector < vectors; vector++) {
        code.load(sums + vector, weights.plus(vector * weightBytes));
      }
      for (int row = 0; row < rows; row++) {
        int input = inputs + (arithmetic.isSingle() ? row % 2 : 0);
        assembler.emit(
            VPBROADCASTD,
            code.vector(input),
            Mem.at(WALK_INPUT, row * shape.inputStride() + 4 * step));
        arithmetic.prepare(input, input + 1);
        for (int vector = 0; vector < vectors; vector++) {
          int sum = row * vectors + vector;
          if (held) {
            arithmetic.add(sum, input, sums + vector);
          } else {
            arithmetic.add(sum, input, input + 1, weights.plus(vector * weightBytes));
          }
        }
      }
    }
  }
}
