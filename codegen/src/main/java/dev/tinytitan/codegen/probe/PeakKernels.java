package dev.tinytitan.codegen.probe;

import static dev.tinytitan.codegen.x86.Gpr.RAX;
import static dev.tinytitan.codegen.x86.Gpr.RCX;
import static dev.tinytitan.codegen.x86.Gpr.RDI;
import static dev.tinytitan.codegen.x86.Gpr.RDX;
import static dev.tinytitan.codegen.x86.Gpr.RSI;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.code.Code;
import dev.tinytitan.codegen.code.Label;
import dev.tinytitan.codegen.x86.Condition;
import dev.tinytitan.codegen.x86.Instruction;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.Vec;
import dev.tinytitan.codegen.x86.VectorRegisters;
import dev.tinytitan.codegen.x86.X86Assembler;
import java.util.List;

/**
 * The loops that the probe measures. Each function takes a number of rounds in RDI; {@link #TILE}
 * also activations in RSI, weights in RDX, and where the sums go in RCX.
 */
final class PeakKernels {
  static final String FLOAT = "peak_float32";
  static final String BYTES = "peak_int8";
  static final String TILE = "peak_int8_tile";
  static final String EMPTY = "empty";

  /** Bytes of activations in one step of a sum: what a dot product adds up at once. */
  static final int GROUP = 4;

  /** Steps of a sum in one pass through the tile; then the pointers go back to the start. */
  static final int STEPS = 64;

  private static final int UNROLLED = 4;

  private final Target target;
  private final boolean listed;
  private final int bits;
  private final int rows;
  private final int columnVectors;

  PeakKernels(Target target, boolean listed) {
    this.target = target;
    this.listed = listed;
    this.bits = target.isa().vectorBits();
    // Sums, weights and one broadcast activation fit the registers: 6·4 + 4 + 1 of 32, or
    // 4·2 + 2 + 1 of 16, which leaves room for what a processor without dot product needs.
    boolean wide = target.isa().vectorRegisters() == 32;
    this.rows = wide ? 6 : 4;
    this.columnVectors = wide ? 4 : 2;
  }

  int rows() {
    return rows;
  }

  /** Filters of the tile: a vector holds one 32-bit sum for each. */
  int columns() {
    return columnVectors * bits / 32;
  }

  /** Independent sums: enough to hide the latency of a multiply-add. */
  private int chains() {
    return target.isa().vectorRegisters() == 32 ? 24 : 12;
  }

  /** Multiply-adds in one round of {@link #FLOAT}. */
  long floatProducts() {
    return (long) chains() * bits / 32;
  }

  /** Multiply-adds in one round of {@link #BYTES}. */
  long byteProducts() {
    return target.isa().hasDotProduct() ? (long) chains() * bits / 8 : (long) chains() * bits / 16;
  }

  /** Multiply-adds in one round of {@link #TILE}: a pass through all steps. */
  long tileProducts() {
    return (long) rows * columns() * GROUP * STEPS;
  }

  Code code() {
    X86Assembler x = new X86Assembler(target, listed);
    floats(x);
    bytes(x);
    tile(x);
    x.align(64);
    x.symbol(EMPTY);
    x.ret();
    return x.finish();
  }

  private void floats(X86Assembler x) {
    x.align(64);
    x.symbol(FLOAT);
    Vec zero = zero(x, Vec.of(15, bits));
    Label loop = x.here();
    for (Vec sum : new VectorRegisters(15, bits).take(Math.min(15, chains()))) {
      x.emit(Instruction.VFMADD231PS, sum, zero, zero);
    }
    for (int i = 15; i < chains(); i++) {
      x.emit(Instruction.VFMADD231PS, Vec.of(i + 1, bits), zero, zero);
    }
    end(x, loop);
  }

  private void bytes(X86Assembler x) {
    x.align(64);
    x.symbol(BYTES);
    Vec zero = zero(x, Vec.of(15, bits));
    Vec product = Vec.of(14, bits);
    Label loop = x.here();
    for (int i = 0; i < chains(); i++) {
      Vec sum = Vec.of(i < 14 ? i : i + 2, bits);
      if (target.isa().hasDotProduct()) {
        x.emit(Instruction.VPDPBUSD, sum, zero, zero);
      } else {
        x.emit(Instruction.VPMADDWD, product, zero, zero);
        x.emit(Instruction.VPADDD, sum, sum, product);
      }
    }
    end(x, loop);
  }

  /**
   * The tile of a matrix product: activations are rows of bytes without sign, {@code STEPS·GROUP}
   * each; weights lie as [step][filter][GROUP] with sign. Without a dot product, both are widened
   * to 16 bits, and a group has two elements in place of four.
   */
  private void tile(X86Assembler x) {
    x.align(64);
    x.symbol(TILE);
    VectorRegisters registers = new VectorRegisters(target.isa().vectorRegisters(), bits);
    List<Vec> sums = registers.take(rows * columnVectors);
    List<Vec> weights = registers.take(columnVectors);
    Vec activation = registers.take();
    Vec product = registers.take();
    sums.forEach(sum -> zero(x, sum));
    Label round = x.here();
    x.clear(RAX);
    Label step = x.here();
    for (int unrolled = 0; unrolled < UNROLLED; unrolled++) {
      step(x, unrolled, sums, weights, activation, product);
    }
    x.add(RDX, UNROLLED * weightBytes());
    x.add(RAX, UNROLLED * GROUP);
    x.cmp(RAX, STEPS * GROUP);
    x.jump(Condition.NE, step);
    x.sub(RDX, STEPS * weightBytes());
    x.dec(RDI);
    x.jump(Condition.NE, round);
    for (int i = 0; i < sums.size(); i++) {
      x.emit(Instruction.VMOVUPS, Mem.at(RCX, i * bits / 8), sums.get(i));
    }
    x.vzeroupper();
    x.ret();
  }

  /** Bytes of weights in one step. */
  int weightBytes() {
    return columns() * GROUP;
  }

  private void step(
      X86Assembler x, int index, List<Vec> sums, List<Vec> weights, Vec activation, Vec product) {
    boolean dot = target.isa().hasDotProduct();
    int halves = dot ? 1 : 2;
    for (int half = 0; half < halves; half++) {
      for (int column = 0; column < columnVectors; column++) {
        int offset = index * weightBytes() + (half * columnVectors + column) * bits / 8 / halves;
        Vec weight = weights.get(column);
        if (dot) {
          x.emit(Instruction.VMOVUPS, weight, Mem.at(RDX, offset));
        } else {
          x.emit(Instruction.VPMOVSXBW, weight, Mem.at(RDX, offset));
        }
      }
      for (int row = 0; row < rows; row++) {
        Mem place = Mem.at(RSI, row * STEPS * GROUP + index * GROUP + half * 2).plus(RAX, 1);
        if (dot) {
          x.emit(Instruction.VPBROADCASTD, activation, place);
        } else {
          x.emit(Instruction.VPBROADCASTW, activation.xmm(), place);
          x.emit(Instruction.VPMOVZXBW, activation.xmm(), activation.xmm());
          x.emit(Instruction.VPBROADCASTD, activation, activation.xmm());
        }
        for (int column = 0; column < columnVectors; column++) {
          Vec sum = sums.get(row * columnVectors + column);
          if (dot) {
            x.emit(Instruction.VPDPBUSD, sum, activation, weights.get(column));
          } else {
            x.emit(Instruction.VPMADDWD, product, activation, weights.get(column));
            x.emit(Instruction.VPADDD, sum, sum, product);
          }
        }
      }
    }
  }

  private Vec zero(X86Assembler x, Vec register) {
    boolean evex = target.isa() == Isa.AVX512 || target.isa() == Isa.AVX512_VNNI;
    x.emit(evex ? Instruction.VPXORD : Instruction.VPXOR, register, register, register);
    return register;
  }

  private static void end(X86Assembler x, Label loop) {
    x.dec(RDI);
    x.jump(Condition.NE, loop);
    x.vzeroupper();
    x.ret();
  }
}
