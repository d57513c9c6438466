package dev.tinytitan.codegen.normalization;

import static dev.tinytitan.codegen.x86.Instruction.VADDPS;
import static dev.tinytitan.codegen.x86.Instruction.VBROADCASTSS;
import static dev.tinytitan.codegen.x86.Instruction.VDIVPS;
import static dev.tinytitan.codegen.x86.Instruction.VFMADD132PS;
import static dev.tinytitan.codegen.x86.Instruction.VFMADD231PS;
import static dev.tinytitan.codegen.x86.Instruction.VMULPS;
import static dev.tinytitan.codegen.x86.Instruction.VSQRTPS;
import static dev.tinytitan.codegen.x86.Instruction.VSUBPS;

import dev.tinytitan.codegen.code.Label;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Condition;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.Vec;
import dev.tinytitan.codegen.x86.X86Assembler;

/**
 * Writes the function that normalizes rows of one length: a pass for the mean, one for the
 * variance, one for the results. It takes a block of arguments, laid out here, and the arrays of
 * input and output, which may be the same.
 *
 * <p>It follows the System V ABI and changes none of the registers that it keeps.
 */
final class NormalizationGenerator {
  /** The function's name. */
  static final String NORMALIZE = "normalize";

  /** Argument: bytes from the start of both arrays to the first row. */
  static final int OFFSET = 0;

  /** Argument: how many rows, at least 1. */
  static final int ROWS = 8;

  /** Argument: address of a scale for each element of a row in whole vectors, then biases. */
  static final int FACTORS = 16;

  /** Size of the block. */
  static final int BYTES = 64;

  private static final Gpr BLOCK = Gpr.RDI;
  private static final Gpr INPUT = Gpr.RSI;
  private static final Gpr OUTPUT = Gpr.RDX;
  private static final Gpr WALK_INPUT = Gpr.RCX;
  private static final Gpr WALK_OUTPUT = Gpr.R8;
  private static final Gpr WALK_FACTORS = Gpr.R9;
  private static final Gpr LEFT = Gpr.R10;
  private static final Gpr COUNT = Gpr.R11;

  /** Vectors in the body of a loop, and sums that are under way at once. */
  private static final int UNROLLED = 8;

  private static final int MEAN = 0;
  private static final int INVERSE = 1;
  private static final int SPARE = 2;
  private static final int X = 3;
  private static final int SUMS = 4;

  private final VectorCode code;
  private final X86Assembler assembler;
  private final int length;
  private final float epsilon;

  NormalizationGenerator(VectorCode code, int length, float epsilon) {
    this.code = code;
    this.assembler = code.assembler();
    this.length = length;
    this.epsilon = epsilon;
  }

  /** Bytes of the scales, and of the biases behind them. */
  static int factorBytes(int length, int vectorBits) {
    return Math.ceilDiv(length, vectorBits / 32) * vectorBits / 8;
  }

  /** What a pass does with some elements of a row. */
  @FunctionalInterface
  private interface Body {
    /**
     * Writes the code.
     *
     * @param number of the vector in the body of a loop
     * @param count elements that belong to the row
     */
    void emit(int number, int count);
  }

  void emit() {
    assembler.align(64);
    assembler.symbol(NORMALIZE);
    code.startFunction();
    code.prepareStore(0, length % code.dwords());
    assembler.add(INPUT, Mem.at(BLOCK, OFFSET));
    assembler.add(OUTPUT, Mem.at(BLOCK, OFFSET));
    assembler.mov(LEFT, Mem.at(BLOCK, ROWS));
    assembler.align(16);
    Label next = assembler.here();
    emitMean();
    emitInverse();
    emitResults();
    assembler.add(INPUT, Float.BYTES * length);
    assembler.add(OUTPUT, Float.BYTES * length);
    assembler.dec(LEFT);
    assembler.jump(Condition.NE, next);
    assembler.vzeroupper();
    assembler.ret();
  }

  private void emitPass(Body body) {
    assembler.mov(WALK_INPUT, INPUT);
    int vectors = length / code.dwords();
    for (var _ : code.loop(COUNT, vectors / UNROLLED)) {
      for (int i = 0; i < UNROLLED; i++) {
        body.emit(i, code.dwords());
      }
      int bytes = UNROLLED * code.vectorBytes();
      assembler.add(WALK_INPUT, bytes);
      assembler.add(WALK_OUTPUT, bytes);
      assembler.add(WALK_FACTORS, bytes);
    }
    int rest = vectors % UNROLLED;
    for (int i = 0; i < rest; i++) {
      body.emit(i, code.dwords());
    }
    if (length % code.dwords() > 0) {
      body.emit(rest, length % code.dwords());
    }
  }

  private Mem place(Gpr base, int number) {
    return Mem.at(base, number * code.vectorBytes());
  }

  private void clearSums() {
    for (int i = 0; i < UNROLLED; i++) {
      code.clear(SUMS + i);
    }
  }

  /** Adds up all sums, in every place of the first. */
  private void addSums() {
    for (int distance = UNROLLED / 2; distance > 0; distance /= 2) {
      for (int i = 0; i < distance; i++) {
        code.op(VADDPS, SUMS + i, SUMS + i, SUMS + i + distance);
      }
    }
    code.reduce(VADDPS, SUMS, SPARE);
  }

  private void emitMean() {
    clearSums();
    emitPass((number, count) -> {
      code.loadFirst(X, place(WALK_INPUT, number), count, SPARE);
      code.op(VADDPS, SUMS + number, SUMS + number, X);
    });
    addSums();
    code.op(VMULPS, MEAN, SUMS, code.floats(1f / length));
  }

  private void emitInverse() {
    clearSums();
    emitPass((number, count) -> {
      code.loadFirst(X, place(WALK_INPUT, number), count, SPARE);
      code.op(VSUBPS, X, X, MEAN);
      if (count < code.dwords()) {
        code.load(SPARE, code.ints(code.firstOnes(count)));
        code.and(X, X, SPARE);
      }
      code.op(VFMADD231PS, SUMS + number, X, X);
    });
    addSums();
    code.op(VMULPS, SUMS, SUMS, code.floats(1f / length));
    code.op(VADDPS, SUMS, SUMS, code.floats(epsilon));
    code.load(INVERSE, code.floats(1));
    // A root and a quotient of single numbers are far sooner there than those of whole vectors.
    Vec deviation = Vec.xmm(SUMS);
    Vec inverse = Vec.xmm(INVERSE);
    assembler.emit(VSQRTPS, deviation, deviation);
    assembler.emit(VDIVPS, inverse, inverse, deviation);
    assembler.emit(VBROADCASTSS, code.vector(INVERSE), inverse);
  }

  private void emitResults() {
    int biases = factorBytes(length, code.isa().vectorBits());
    assembler.mov(WALK_OUTPUT, OUTPUT);
    assembler.mov(WALK_FACTORS, Mem.at(BLOCK, FACTORS));
    emitPass((number, count) -> {
      int x = SUMS + number;
      code.loadFirst(x, place(WALK_INPUT, number), count, SPARE);
      code.op(VSUBPS, x, x, MEAN);
      code.op(VMULPS, x, x, INVERSE);
      code.load(SPARE, place(WALK_FACTORS, number).plus(biases));
      code.op(VFMADD132PS, x, SPARE, place(WALK_FACTORS, number));
      code.store(place(WALK_OUTPUT, number), x, 0, count, SPARE);
    });
  }
}
