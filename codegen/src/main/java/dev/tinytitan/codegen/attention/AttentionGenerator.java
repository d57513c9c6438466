package dev.tinytitan.codegen.attention;

import static dev.tinytitan.codegen.x86.Instruction.VADDPS;
import static dev.tinytitan.codegen.x86.Instruction.VBROADCASTSS;
import static dev.tinytitan.codegen.x86.Instruction.VDIVPS;
import static dev.tinytitan.codegen.x86.Instruction.VFMADD231PS;
import static dev.tinytitan.codegen.x86.Instruction.VMAXPS;
import static dev.tinytitan.codegen.x86.Instruction.VMULPS;
import static dev.tinytitan.codegen.x86.Instruction.VSUBPS;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.code.Label;
import dev.tinytitan.codegen.emit.Exponential;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Condition;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.X86Assembler;
import java.util.List;

/**
 * Writes the two functions of an attention for blocks of a number of queries. Queries lie in the
 * places of vectors, so the softmax needs no sums across a vector, and keys and values are read
 * where they are: the block's queries are transposed, multiplied with tiles of keys, and the
 * exponentials of these scores with tiles of values; the results are transposed back.
 *
 * <p>The first function turns queries and keys (and a mask) into weights and what divides their
 * sums; the second weights and values into results. Both follow the System V ABI.
 */
final class AttentionGenerator {
  private static final List<Gpr> KEPT =
      List.of(Gpr.RBX, Gpr.RBP, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15);

  /** Points to the block's memory. */
  private static final Gpr MEMORY = Gpr.R15;

  private static final Gpr KEY = Gpr.RDX;
  private static final Gpr MASK = Gpr.RCX;
  private static final Gpr MASK_STEP = Gpr.R12;
  private static final Gpr WALK_BLOCK = Gpr.R8;
  private static final Gpr WALK_ROWS = Gpr.R9;
  private static final Gpr WEIGHTS = Gpr.R10;
  private static final Gpr LEFT = Gpr.R11;
  private static final Gpr COUNT = Gpr.RBX;
  private static final Gpr SPARE = Gpr.R13;

  /** Floats of a head in the body of a loop; divides all head sizes. */
  private static final int UNROLLED = 4;

  private final VectorCode code;
  private final X86Assembler assembler;
  private final AttentionShape shape;
  private final int vectors;
  private final int rows;

  /**
   * @param vectors of queries in a block
   */
  AttentionGenerator(VectorCode code, AttentionShape shape, int vectors) {
    this.code = code;
    this.assembler = code.assembler();
    this.shape = shape;
    this.vectors = vectors;
    this.rows = tileRows(code.isa(), vectors);
  }

  /** Vectors of queries in a block, at most. */
  static int mostVectors(Isa isa) {
    return isa.vectorRegisters() == 32 ? 4 : 2;
  }

  /** Keys, or columns of values, whose sums are in registers at a time. */
  private static int tileRows(Isa isa, int vectors) {
    int sums = isa.vectorRegisters() == 32 ? 24 : 12;
    return Math.min(16, sums / vectors);
  }

  /** The first function's name. */
  static String scores(int vectors) {
    return "scores_" + vectors;
  }

  /** The second function's name. */
  static String values(int vectors) {
    return "values_" + vectors;
  }

  // The memory of a block: queries, greatest scores, dividers, results, weights.

  private static int blockStride(Isa isa, int vectors) {
    return vectors * isa.vectorBits() / 8;
  }

  private int stride() {
    return blockStride(code.isa(), vectors);
  }

  private int greatest() {
    return shape.headSize() * stride();
  }

  private int dividers() {
    return greatest() + stride();
  }

  private int results() {
    return dividers() + stride();
  }

  private int weights() {
    return results() + shape.valueSize() * stride();
  }

  /** Bytes of memory that a block needs. */
  static long memoryBytes(Isa isa, AttentionShape shape, int vectors, int keys) {
    return (shape.headSize() + shape.valueSize() + 2L + keys) * blockStride(isa, vectors);
  }

  private void start(String symbol) {
    assembler.align(64);
    assembler.symbol(symbol);
    code.startFunction();
    KEPT.forEach(assembler::push);
    assembler.mov(MEMORY, AttentionArguments.at(AttentionArguments.MEMORY));
  }

  private void end() {
    assembler.vzeroupper();
    KEPT.reversed().forEach(assembler::pop);
    assembler.ret();
  }

  private Mem vector(Gpr base, int offset, int vector) {
    return Mem.at(base, offset + vector * code.vectorBytes());
  }

  // Scores.

  /** Writes the function of queries, keys and mask, in this order. */
  void emitScores() {
    start(scores(vectors));
    assembler.add(Gpr.RSI, AttentionArguments.at(AttentionArguments.QUERY));
    assembler.emit(VBROADCASTSS, code.vector(8), code.floats(shape.scale()));
    new RowTransposition(code, Float.BYTES * shape.queryStride(), shape.headSize(), stride())
        .toColumns(Gpr.RSI, AttentionArguments.at(AttentionArguments.QUERIES), Mem.at(MEMORY), 8);
    assembler.add(KEY, AttentionArguments.at(AttentionArguments.KEY));
    if (shape.masked()) {
      assembler.add(MASK, AttentionArguments.at(AttentionArguments.MASK));
      assembler.mov(MASK_STEP, AttentionArguments.at(AttentionArguments.MASK_STEP));
    }
    code.load(0, code.floats(Float.NEGATIVE_INFINITY));
    for (int vector = 0; vector < vectors; vector++) {
      store(vector(MEMORY, greatest(), vector), 0);
    }
    assembler.lea(WEIGHTS, Mem.at(MEMORY, weights()));
    emitKeys();
    emitSoftmax();
    end();
  }

  private void store(Mem to, int register) {
    code.store(to, register, 0, code.dwords(), register);
  }

  /** Whole tiles of keys; then the last whole one once more over what is left, or single keys. */
  private void emitKeys() {
    Label whole = assembler.label();
    Label rest = assembler.label();
    Label singles = assembler.label();
    Label done = assembler.label();
    assembler.mov(LEFT, AttentionArguments.at(AttentionArguments.KEYS));
    assembler.bind(whole);
    assembler.cmp(LEFT, rows);
    assembler.jump(Condition.L, rest);
    emitTile(rows);
    assembler.sub(LEFT, rows);
    assembler.jmp(whole);
    assembler.bind(rest);
    assembler.test(LEFT, LEFT);
    assembler.jump(Condition.E, done);
    assembler.mov(SPARE, AttentionArguments.at(AttentionArguments.KEYS));
    assembler.cmp(SPARE, rows);
    assembler.jump(Condition.L, singles);
    // Back by as many keys as the tile has more than are left.
    assembler.sub(LEFT, rows);
    moveBack(KEY, Float.BYTES * shape.keyStride());
    moveBack(WEIGHTS, stride());
    if (shape.masked()) {
      assembler.imul(LEFT, MASK_STEP);
      assembler.add(MASK, LEFT);
    }
    assembler.mov(LEFT, rows);
    assembler.jmp(whole);
    assembler.bind(singles);
    emitTile(1);
    assembler.dec(LEFT);
    assembler.jump(Condition.NE, singles);
    assembler.bind(done);
  }

  /** Moves a pointer by {@link #LEFT}, which is negative. */
  private void moveBack(Gpr pointer, int stride) {
    assembler.imul(SPARE, LEFT, stride);
    assembler.add(pointer, SPARE);
  }

  private void emitTile(int count) {
    int sums = count * vectors;
    int key = sums + vectors;
    int keyStride = Float.BYTES * shape.keyStride();
    for (int sum = 0; sum < sums; sum++) {
      code.clear(sum);
    }
    assembler.mov(WALK_BLOCK, MEMORY);
    assembler.mov(WALK_ROWS, KEY);
    for (var _ : code.loop(COUNT, shape.headSize() / UNROLLED)) {
      for (int step = 0; step < UNROLLED; step++) {
        for (int vector = 0; vector < vectors; vector++) {
          code.load(sums + vector, vector(WALK_BLOCK, step * stride(), vector));
        }
        for (int row = 0; row < count; row++) {
          broadcast(key, Mem.at(WALK_ROWS, row * keyStride + Float.BYTES * step));
          for (int vector = 0; vector < vectors; vector++) {
            code.op(VFMADD231PS, row * vectors + vector, key, sums + vector);
          }
        }
      }
      code.advance(WALK_BLOCK, UNROLLED * stride());
      code.advance(WALK_ROWS, UNROLLED * Float.BYTES);
    }
    if (shape.masked()) {
      for (int row = 0; row < count; row++) {
        broadcast(key, Mem.at(MASK));
        assembler.add(MASK, MASK_STEP);
        for (int vector = 0; vector < vectors; vector++) {
          code.op(VADDPS, row * vectors + vector, row * vectors + vector, key);
        }
      }
    }
    for (int vector = 0; vector < vectors; vector++) {
      code.load(sums, vector(MEMORY, greatest(), vector));
      for (int row = 0; row < count; row++) {
        code.op(VMAXPS, sums, sums, row * vectors + vector);
        store(vector(WEIGHTS, row * stride(), vector), row * vectors + vector);
      }
      store(vector(MEMORY, greatest(), vector), sums);
    }
    assembler.add(KEY, count * keyStride);
    assembler.add(WEIGHTS, count * stride());
  }

  private void broadcast(int to, Mem from) {
    assembler.emit(VBROADCASTSS, code.vector(to), from);
  }

  private void emitSoftmax() {
    int sums = vectors;
    int x = 2 * vectors;
    for (int vector = 0; vector < vectors; vector++) {
      code.load(vector, vector(MEMORY, greatest(), vector));
      code.clear(sums + vector);
    }
    assembler.lea(WEIGHTS, Mem.at(MEMORY, weights()));
    assembler.mov(LEFT, AttentionArguments.at(AttentionArguments.KEYS));
    assembler.align(16);
    Label next = assembler.here();
    for (int vector = 0; vector < vectors; vector++) {
      code.load(x, vector(WEIGHTS, 0, vector));
      code.op(VSUBPS, x, x, vector);
      Exponential.emit(code, x, x + 1);
      code.op(VADDPS, sums + vector, sums + vector, x);
      store(vector(WEIGHTS, 0, vector), x);
    }
    assembler.add(WEIGHTS, stride());
    assembler.dec(LEFT);
    assembler.jump(Condition.NE, next);
    for (int vector = 0; vector < vectors; vector++) {
      code.load(x, code.floats(1));
      code.op(VDIVPS, x, x, sums + vector);
      store(vector(MEMORY, dividers(), vector), x);
    }
  }

  // Values.

  /** Writes the function of values and results, in this order. */
  void emitValues() {
    start(values(vectors));
    assembler.add(Gpr.RSI, AttentionArguments.at(AttentionArguments.VALUE));
    int tiles = Math.ceilDiv(shape.valueSize(), rows);
    for (int tile = 0; tile < tiles; tile++) {
      int from = shape.valueSize() * tile / tiles;
      emitValueTile(from, shape.valueSize() * (tile + 1) / tiles - from);
    }
    assembler.add(Gpr.RDX, AttentionArguments.at(AttentionArguments.OUTPUT));
    new RowTransposition(code, Float.BYTES * shape.outputStride(), shape.valueSize(), stride())
        .toRows(
            Gpr.RDX, AttentionArguments.at(AttentionArguments.QUERIES), Mem.at(MEMORY, results()));
    end();
  }

  private void emitValueTile(int from, int count) {
    int sums = count * vectors;
    int value = sums + vectors;
    for (int sum = 0; sum < sums; sum++) {
      code.clear(sum);
    }
    assembler.lea(WEIGHTS, Mem.at(MEMORY, weights()));
    assembler.lea(WALK_ROWS, Mem.at(Gpr.RSI, Float.BYTES * from));
    assembler.mov(LEFT, AttentionArguments.at(AttentionArguments.KEYS));
    assembler.align(16);
    Label next = assembler.here();
    for (int vector = 0; vector < vectors; vector++) {
      code.load(sums + vector, vector(WEIGHTS, 0, vector));
    }
    for (int row = 0; row < count; row++) {
      broadcast(value, Mem.at(WALK_ROWS, Float.BYTES * row));
      for (int vector = 0; vector < vectors; vector++) {
        code.op(VFMADD231PS, row * vectors + vector, value, sums + vector);
      }
    }
    assembler.add(WALK_ROWS, Float.BYTES * shape.valueStride());
    assembler.add(WEIGHTS, stride());
    assembler.dec(LEFT);
    assembler.jump(Condition.NE, next);
    for (int vector = 0; vector < vectors; vector++) {
      code.load(value, vector(MEMORY, dividers(), vector));
      for (int row = 0; row < count; row++) {
        code.op(VMULPS, row * vectors + vector, row * vectors + vector, value);
        store(vector(MEMORY, results() + (from + row) * stride(), vector), row * vectors + vector);
      }
    }
  }
}
