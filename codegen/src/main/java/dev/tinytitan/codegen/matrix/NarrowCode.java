package dev.tinytitan.codegen.matrix;

import static dev.tinytitan.codegen.x86.Gpr.R10;
import static dev.tinytitan.codegen.x86.Gpr.R11;
import static dev.tinytitan.codegen.x86.Gpr.R8;
import static dev.tinytitan.codegen.x86.Gpr.R9;
import static dev.tinytitan.codegen.x86.Gpr.RAX;
import static dev.tinytitan.codegen.x86.Gpr.RCX;
import static dev.tinytitan.codegen.x86.Gpr.RDX;
import static dev.tinytitan.codegen.x86.Gpr.RSI;
import static dev.tinytitan.codegen.x86.Instruction.VADDPS;
import static dev.tinytitan.codegen.x86.Instruction.VCVTDQ2PS;
import static dev.tinytitan.codegen.x86.Instruction.VFMADD231PS;
import static dev.tinytitan.codegen.x86.Instruction.VMULPS;
import static dev.tinytitan.codegen.x86.Instruction.VPBROADCASTD;
import static dev.tinytitan.codegen.x86.Instruction.VPERMPS;
import static dev.tinytitan.codegen.x86.Instruction.VPMOVSXBD;
import static dev.tinytitan.codegen.x86.Instruction.VPSLLD;
import static dev.tinytitan.codegen.x86.Instruction.VPSRAD;
import static dev.tinytitan.codegen.x86.Instruction.VPSRLD;

import dev.tinytitan.codegen.code.Label;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Condition;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Instruction;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.X86Assembler;

/**
 * Writes the functions that read panels of narrow weights, as {@link NarrowFormat} has them. They
 * make floats of the weights in registers and multiply a tile of rows with them as they come. Some
 * write the floats to memory besides, for the functions of {@link MatrixCode}, which multiply
 * further rows: stores cost nothing beside that many products.
 *
 * <p>The functions follow the System V ABI and change none of the registers that it keeps. They
 * take {@link MatrixArguments} and the arrays of input, output and residual.
 */
final class NarrowCode {
  /** Multiplies few rows with whole panels. */
  static final String DIRECT = "direct";

  /** Multiplies few rows with the last panel if it has fewer columns. */
  static final String DIRECT_LAST = "direct_last";

  /** Multiplies {@link #directRows} rows with whole panels, and writes their floats. */
  static final String WIDEN = "widen";

  /** As {@link #WIDEN}, with the last panel if it has fewer columns. */
  static final String WIDEN_LAST = "widen_last";

  /** Instructions in the body of a loop, at most about. */
  private static final int BODY = 300;

  /** How far ahead weights are fetched: what comes in the time that memory takes to answer. */
  private static final int AHEAD = 2048;

  private static final int LINE = 64;

  private static final Gpr INPUT = RSI;
  private static final Gpr OUTPUT = RDX;
  private static final Gpr RESIDUAL = RCX;
  private static final Gpr FLOATS = R8;
  private static final Gpr WEIGHTS = R9;
  private static final Gpr FACTORS = RAX;
  private static final Gpr GROUPS = R10;
  private static final Gpr COUNT = R11;

  private final VectorCode code;
  private final X86Assembler assembler;
  private final NarrowFormat format;
  private final FloatFinish finish;

  NarrowCode(VectorCode code, NarrowFormat format, FloatFinish finish) {
    this.code = code;
    this.assembler = code.assembler();
    this.format = format;
    this.finish = finish;
  }

  /** Rows that are multiplied with weights in registers, at most. */
  static int directRows(NarrowFormat format) {
    int tile = MatrixShape.tileRows(format.isa());
    // Two registers of pairs of weights, beside two of weights and one of input.
    return format.isa().vectorRegisters() == 16 && format.halves() ? tile - 1 : tile;
  }

  /** Writes the functions for whole panels and for the last one, as far as there are such. */
  void emit() {
    int whole = MatrixShape.panelColumns(code.isa());
    int columns = format.shape().columns();
    if (columns >= whole) {
      emitDirect(DIRECT, whole);
      emitWiden(WIDEN, whole);
    }
    if (columns % whole > 0) {
      emitDirect(DIRECT_LAST, columns % whole);
      emitWiden(WIDEN_LAST, columns % whole);
    }
  }

  /**
   * A tile of sums, in registers 0 to {@code rows * vectors - 1}. Behind them follow one register
   * for the weights of each vector, for halves one more each, and one for input.
   *
   * @param columns of the panel
   * @param writes whether the floats are written to memory
   */
  private record Tile(int rows, int vectors, int columns, boolean writes) {
    int weights() {
      return rows * vectors;
    }

    int pairs() {
      return (rows + 1) * vectors;
    }

    /** Steps in the body of a loop. */
    int unrolled(int unit) {
      int perStep = rows * (vectors + 1) + 5 * vectors;
      return Math.max(1, BODY / perStep / unit) * unit;
    }
  }

  private void start(String symbol, int vectors, int columns) {
    assembler.align(64);
    assembler.symbol(symbol);
    code.startFunction();
    code.prepareStore(0, columns - (vectors - 1) * code.dwords());
    assembler.add(INPUT, MatrixArguments.at(MatrixArguments.INPUT_OFFSET));
    assembler.add(OUTPUT, MatrixArguments.at(MatrixArguments.OUTPUT_OFFSET));
    assembler.add(RESIDUAL, MatrixArguments.at(MatrixArguments.OUTPUT_OFFSET));
    assembler.mov(WEIGHTS, MatrixArguments.at(MatrixArguments.WEIGHTS));
  }

  private void end() {
    assembler.vzeroupper();
    assembler.ret();
  }

  private void emitDirect(String symbol, int columns) {
    int vectors = MatrixShape.vectors(code.isa(), columns);
    start(symbol, vectors, columns);
    assembler.mov(COUNT, MatrixArguments.at(MatrixArguments.COUNT));
    for (int rows = directRows(format); rows > 0; rows--) {
      Label other = assembler.label();
      assembler.cmp(COUNT, rows);
      assembler.jump(Condition.NE, other);
      emitTile(new Tile(rows, vectors, columns, false));
      end();
      assembler.bind(other);
    }
    end();
  }

  private void emitWiden(String symbol, int columns) {
    int vectors = MatrixShape.vectors(code.isa(), columns);
    start(symbol, vectors, columns);
    assembler.mov(FLOATS, MatrixArguments.at(MatrixArguments.FLOATS));
    emitTile(new Tile(directRows(format), vectors, columns, true));
    end();
  }

  private void emitTile(Tile tile) {
    int vectors = tile.vectors();
    MatrixShape shape = format.shape();
    Mem biases = Mem.at(WEIGHTS);
    finish.start(tile.rows(), vectors, biases);
    if (tile.writes()) {
      Mem constants = Mem.at(FLOATS, shape.depth() * vectors * code.vectorBytes());
      for (int vector = 0; vector < vectors; vector++) {
        write(constants.plus(vector * code.vectorBytes()), vector);
      }
    }
    code.advance(WEIGHTS, vectors * code.vectorBytes());
    for (var _ : code.loop(GROUPS, format.wholeGroups())) {
      emitGroup(format.groupSteps(), tile);
    }
    if (format.lastSteps() > 0) {
      emitGroup(format.lastSteps(), tile);
    }
    finish.emit(
        new MatrixFinish.Tile(
            tile.rows(),
            vectors,
            tile.columns(),
            biases,
            Mem.at(OUTPUT),
            Mem.at(RESIDUAL),
            shape.outputStride()));
  }

  private void write(Mem to, int from) {
    code.store(to, from, 0, code.dwords(), from);
  }

  private void emitGroup(int steps, Tile tile) {
    int unrolled = tile.unrolled(format.unit());
    assembler.mov(FACTORS, WEIGHTS);
    code.advance(WEIGHTS, tile.vectors() * format.factorBytes());
    for (var _ : code.loop(COUNT, steps / unrolled)) {
      emitSteps(unrolled, tile);
    }
    if (steps % unrolled > 0) {
      emitSteps(steps % unrolled, tile);
    }
  }

  private void emitSteps(int steps, Tile tile) {
    int vectors = tile.vectors();
    int unitBytes = vectors * code.dwords();
    int fetched = 0;
    for (int step = 0; step < steps; step++) {
      int at = step / format.unit() * unitBytes;
      for (; !tile.writes() && fetched < at + unitBytes; fetched += LINE) {
        assembler.prefetcht1(Mem.at(WEIGHTS, AHEAD + fetched));
      }
      for (int vector = 0; vector < vectors; vector++) {
        emitWeights(tile, vector, step, at);
        if (tile.writes()) {
          int to = (step * vectors + vector) * code.vectorBytes();
          write(Mem.at(FLOATS, to), tile.weights() + vector);
        }
      }
      emitProducts(tile, step);
    }
    code.advance(WEIGHTS, vectors * format.weightBytes(steps));
    code.advance(INPUT, Float.BYTES * steps);
    if (tile.writes()) {
      code.advance(FLOATS, steps * vectors * code.vectorBytes());
    }
  }

  private void emitProducts(Tile tile, int step) {
    int vectors = tile.vectors();
    int input = tile.pairs() + (format.halves() ? vectors : 0);
    for (int row = 0; row < tile.rows(); row++) {
      Mem from = Mem.at(INPUT, row * format.shape().inputStride() + Float.BYTES * step);
      assembler.emit(VPBROADCASTD, code.vector(input), from);
      for (int vector = 0; vector < vectors; vector++) {
        code.op(VFMADD231PS, row * vectors + vector, input, tile.weights() + vector);
      }
    }
  }

  /** Brings the weights of one step and vector into a register, as floats. */
  private void emitWeights(Tile tile, int vector, int step, int at) {
    int to = tile.weights() + vector;
    Mem from = Mem.at(WEIGHTS, at + vector * code.dwords());
    if (!format.halves()) {
      code.op(VPMOVSXBD, to, from);
      code.op(VCVTDQ2PS, to, to);
    } else {
      emitHalf(to, tile.pairs() + vector, from, step % 2 == 0);
    }
    Mem factors = Mem.at(FACTORS, vector * code.vectorBytes());
    if (format.zeros()) {
      code.op(VADDPS, to, to, factors.plus(tile.vectors() * code.vectorBytes()));
    }
    code.op(VMULPS, to, to, factors);
  }

  /** A wide register holds a float for each of 16 weights; else they are shifted and converted. */
  private void emitHalf(int to, int pair, Mem from, boolean low) {
    if (low) {
      code.op(VPMOVSXBD, pair, from);
    }
    if (code.dwords() == 16) {
      if (!low) {
        shift(VPSRLD, pair, pair, 4);
      }
      code.op(VPERMPS, to, pair, signedHalves());
      return;
    }
    if (low) {
      shift(VPSLLD, to, pair, 28);
      shift(VPSRAD, to, to, 28);
    } else {
      shift(VPSRAD, to, pair, 4);
    }
    code.op(VCVTDQ2PS, to, to);
  }

  private void shift(Instruction instruction, int to, int from, int bits) {
    assembler.emit(instruction, code.vector(to), code.vector(from), bits);
  }

  private Mem signedHalves() {
    int[] values = new int[16];
    for (int half = 0; half < values.length; half++) {
      values[half] = Float.floatToRawIntBits(half < 8 ? half : half - 16);
    }
    return code.ints(values);
  }
}
