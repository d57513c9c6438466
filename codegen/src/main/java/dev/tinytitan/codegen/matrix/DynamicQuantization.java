package dev.tinytitan.codegen.matrix;

import static dev.tinytitan.codegen.x86.Instruction.VADDPS;
import static dev.tinytitan.codegen.x86.Instruction.VBROADCASTSS;
import static dev.tinytitan.codegen.x86.Instruction.VCVTPS2DQ;
import static dev.tinytitan.codegen.x86.Instruction.VFMADD231PS;
import static dev.tinytitan.codegen.x86.Instruction.VMAXPS;
import static dev.tinytitan.codegen.x86.Instruction.VMINPS;
import static dev.tinytitan.codegen.x86.Instruction.VPACKSSDW;
import static dev.tinytitan.codegen.x86.Instruction.VPACKUSWB;
import static dev.tinytitan.codegen.x86.Instruction.VPADDD;
import static dev.tinytitan.codegen.x86.Instruction.VPBROADCASTD;
import static dev.tinytitan.codegen.x86.Instruction.VPERMD;
import static dev.tinytitan.codegen.x86.Instruction.VPMAXSD;
import static dev.tinytitan.codegen.x86.Instruction.VPMINSD;

import dev.tinytitan.codegen.code.Label;
import dev.tinytitan.codegen.emit.Quotient;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Condition;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Instruction;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.X86Assembler;

/**
 * Writes the two functions of dynamic quantization, both over a Java array of floats, in whole
 * vectors: one finds the range of elements, the other turns them into steps from 0 to 255. They
 * take {@link MatrixArguments} and the array.
 */
final class DynamicQuantization {
  /** Finds the range; counts in fours of vectors. */
  static final String RANGE = "range";

  /** Quantizes; counts in vectors. */
  static final String QUANTIZE = "quantize";

  /** Vectors that the range is found of at once, and that are quantized at once. */
  static final int AT_ONCE = 4;

  private static final int SCALE = 3 * AT_ONCE;
  private static final int RECIPROCAL = SCALE + 1;
  private static final int ZERO_POINT = SCALE + 2;

  private static final Gpr INPUT = Gpr.RSI;
  private static final Gpr OUTPUT = Gpr.RDX;
  private static final Gpr COUNT = Gpr.R10;

  private final VectorCode code;
  private final X86Assembler assembler;

  DynamicQuantization(VectorCode code) {
    this.code = code;
    this.assembler = code.assembler();
  }

  void emit() {
    emitRange();
    emitQuantize();
  }

  private void start(String symbol) {
    assembler.align(64);
    assembler.symbol(symbol);
    code.startFunction();
    assembler.add(INPUT, MatrixArguments.at(MatrixArguments.INPUT_OFFSET));
    assembler.mov(COUNT, MatrixArguments.at(MatrixArguments.COUNT));
  }

  /** The counted loop, then the return. */
  private void loop(Runnable body, Runnable end) {
    Label done = assembler.label();
    assembler.test(COUNT, COUNT);
    assembler.jump(Condition.E, done);
    assembler.align(16);
    Label next = assembler.here();
    body.run();
    assembler.dec(COUNT);
    assembler.jump(Condition.NE, next);
    end.run();
    assembler.bind(done);
    assembler.vzeroupper();
    assembler.ret();
  }

  private void emitRange() {
    int least = 0;
    int greatest = AT_ONCE;
    int finite = 2 * AT_ONCE;
    int x = 3 * AT_ONCE;
    start(RANGE);
    for (int i = 0; i < AT_ONCE; i++) {
      code.load(least + i, MatrixArguments.at(MatrixArguments.LEAST));
      code.load(greatest + i, MatrixArguments.at(MatrixArguments.GREATEST));
      code.clear(finite + i);
    }
    Mem zero = code.floats(0);
    loop(
        () -> {
          for (int i = 0; i < AT_ONCE; i++) {
            code.load(x + i, Mem.at(INPUT, i * code.vectorBytes()));
            code.op(VMINPS, least + i, least + i, x + i);
            code.op(VMAXPS, greatest + i, greatest + i, x + i);
            code.op(VFMADD231PS, finite + i, x + i, zero);
          }
          code.advance(INPUT, AT_ONCE * code.vectorBytes());
        },
        () -> {
          code.op(VADDPS, finite, finite, MatrixArguments.at(MatrixArguments.FINITE));
          merge(VMINPS, least, MatrixArguments.LEAST);
          merge(VMAXPS, greatest, MatrixArguments.GREATEST);
          merge(VADDPS, finite, MatrixArguments.FINITE);
        });
  }

  private void merge(Instruction instruction, int first, int argument) {
    for (int i = 1; i < AT_ONCE; i++) {
      code.op(instruction, first, first, first + i);
    }
    code.store(MatrixArguments.at(argument), first, 0, code.dwords(), 3 * AT_ONCE);
  }

  /**
   * Vectors in fours, whose packing yields a whole vector of bytes, then single ones. Packing with
   * saturation also cuts to a byte's range.
   */
  private void emitQuantize() {
    int steps = AT_ONCE;
    int spares = 2 * AT_ONCE;
    int order = 3 * AT_ONCE + 3;
    start(QUANTIZE);
    assembler.mov(OUTPUT, MatrixArguments.at(MatrixArguments.OUTPUT_OFFSET));
    broadcast(VBROADCASTSS, SCALE, MatrixArguments.SCALE);
    broadcast(VBROADCASTSS, RECIPROCAL, MatrixArguments.RECIPROCAL);
    broadcast(VPBROADCASTD, ZERO_POINT, MatrixArguments.ZERO_POINT);
    code.load(order, code.ints(packedOrder()));
    Label singles = assembler.label();
    Label next = assembler.here();
    assembler.cmp(COUNT, AT_ONCE);
    assembler.jump(Condition.L, singles);
    for (int i = 0; i < AT_ONCE; i++) {
      emitSteps(i, steps + i, spares + i, Mem.at(INPUT, i * code.vectorBytes()));
    }
    for (int i = 0; i < AT_ONCE; i += 2) {
      code.op(VPACKSSDW, steps + i, steps + i, steps + i + 1);
    }
    code.op(VPACKUSWB, steps, steps, steps + 2);
    code.op(VPERMD, steps, order, steps);
    code.store(Mem.at(OUTPUT), steps, 0, code.dwords(), spares);
    code.advance(INPUT, AT_ONCE * code.vectorBytes());
    code.advance(OUTPUT, code.vectorBytes());
    assembler.sub(COUNT, AT_ONCE);
    assembler.jmp(next);
    assembler.bind(singles);
    int least = spares + 1;
    int greatest = spares + 2;
    code.clear(least);
    code.load(greatest, code.ints(255));
    loop(
        () -> {
          emitSteps(0, steps, spares, Mem.at(INPUT));
          code.op(VPMAXSD, steps, steps, least);
          code.op(VPMINSD, steps, steps, greatest);
          code.storeBytes(Mem.at(OUTPUT), steps, code.dwords(), spares);
          code.advance(INPUT, code.vectorBytes());
          code.advance(OUTPUT, code.dwords());
        },
        () -> {});
  }

  /** One vector of floats to steps, as 32-bit integers that are not cut yet. */
  private void emitSteps(int x, int steps, int spare, Mem from) {
    code.load(x, from);
    Quotient.emit(code, steps, x, SCALE, RECIPROCAL, spare);
    code.op(VCVTPS2DQ, steps, steps);
    code.op(VPADDD, steps, steps, ZERO_POINT);
  }

  /** Packing works in lanes of four elements: where the elements in order lie after it. */
  private int[] packedOrder() {
    int[] order = new int[code.dwords()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i % code.lanes() * AT_ONCE + i / code.lanes();
    }
    return order;
  }

  private void broadcast(Instruction instruction, int to, int argument) {
    assembler.emit(instruction, code.vector(to), MatrixArguments.at(argument));
  }
}
