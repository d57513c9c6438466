package dev.tinytitan.codegen.attention;

import static dev.tinytitan.codegen.x86.Instruction.VMOVHLPS;
import static dev.tinytitan.codegen.x86.Instruction.VMOVLHPS;
import static dev.tinytitan.codegen.x86.Instruction.VMOVUPS;
import static dev.tinytitan.codegen.x86.Instruction.VMULPS;
import static dev.tinytitan.codegen.x86.Instruction.VUNPCKHPS;
import static dev.tinytitan.codegen.x86.Instruction.VUNPCKLPS;

import dev.tinytitan.codegen.code.Label;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Condition;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.Vec;
import dev.tinytitan.codegen.x86.X86Assembler;
import java.util.List;

/**
 * Writes the loops that bring rows of floats into columns of a block, or back, four rows and four
 * floats at a time. A block has a fixed number of columns; where there are fewer rows the last one
 * fills the rest up, and is written as often on the way back: nothing outside is touched.
 */
final class RowTransposition {
  private static final Gpr LAST = Gpr.R8;
  private static final Gpr BLOCK = Gpr.R10;
  private static final Gpr GROUPS = Gpr.R11;
  private static final Gpr AT = Gpr.R14;
  private static final List<Gpr> ROWS = List.of(Gpr.RAX, Gpr.RBX, Gpr.RBP, Gpr.R12);
  private static final Gpr STEPS = Gpr.R13;

  private final X86Assembler assembler;
  private final int stride;
  private final int floats;
  private final int blockStride;

  /**
   * @param stride bytes from one row to the next
   * @param floats of a row, a multiple of 4
   * @param blockStride bytes from one row of the block to the next: four for each column
   */
  RowTransposition(VectorCode code, int stride, int floats, int blockStride) {
    this.assembler = code.assembler();
    this.stride = stride;
    this.floats = floats;
    this.blockStride = blockStride;
  }

  /**
   * Rows to columns, times a factor. Changes all registers that a function need not keep, and RBX,
   * RBP, R12 to R14, except the arguments'.
   *
   * @param rows points to the first row
   * @param count how many rows there are
   * @param block where the block starts
   * @param factor in all places of the register with this number
   */
  void toColumns(Gpr rows, Mem count, Mem block, int factor) {
    loop(
        rows,
        count,
        block,
        () -> {
          for (int i = 0; i < 4; i++) {
            assembler.emit(VMOVUPS, Vec.xmm(i), Mem.at(ROWS.get(i)).plus(AT, 1));
          }
          transpose();
          for (int i = 0; i < 4; i++) {
            assembler.emit(VMULPS, Vec.xmm(i), Vec.xmm(i), Vec.xmm(factor));
            assembler.emit(VMOVUPS, Mem.at(BLOCK, i * blockStride), Vec.xmm(i));
          }
        });
  }

  /** Columns to rows; as {@link #toColumns} otherwise. */
  void toRows(Gpr rows, Mem count, Mem block) {
    loop(
        rows,
        count,
        block,
        () -> {
          for (int i = 0; i < 4; i++) {
            assembler.emit(VMOVUPS, Vec.xmm(i), Mem.at(BLOCK, i * blockStride));
          }
          transpose();
          for (int i = 0; i < 4; i++) {
            assembler.emit(VMOVUPS, Mem.at(ROWS.get(i)).plus(AT, 1), Vec.xmm(i));
          }
        });
  }

  private void loop(Gpr rows, Mem count, Mem block, Runnable body) {
    assembler.mov(LAST, count);
    assembler.dec(LAST);
    assembler.imul(LAST, LAST, stride);
    assembler.add(LAST, rows);
    assembler.lea(BLOCK, block);
    assembler.mov(ROWS.get(3), rows);
    assembler.sub(ROWS.get(3), stride);
    assembler.mov(GROUPS, blockStride / 16);
    assembler.align(16);
    Label next = assembler.here();
    for (int i = 0; i < 4; i++) {
      Gpr row = ROWS.get(i);
      assembler.lea(row, Mem.at(ROWS.get((i + 3) % 4), stride));
      assembler.cmp(row, LAST);
      assembler.cmov(Condition.G, row, LAST);
    }
    assembler.clear(AT);
    assembler.mov(STEPS, floats / 4);
    Label step = assembler.here();
    body.run();
    assembler.add(AT, 16);
    assembler.add(BLOCK, 4 * blockStride);
    assembler.dec(STEPS);
    assembler.jump(Condition.NE, step);
    assembler.sub(BLOCK, floats * blockStride - 16);
    assembler.dec(GROUPS);
    assembler.jump(Condition.NE, next);
  }

  /** Registers 0 to 3, four floats each; changes 4 to 7. */
  private void transpose() {
    assembler.emit(VUNPCKLPS, Vec.xmm(4), Vec.xmm(0), Vec.xmm(1));
    assembler.emit(VUNPCKLPS, Vec.xmm(5), Vec.xmm(2), Vec.xmm(3));
    assembler.emit(VUNPCKHPS, Vec.xmm(6), Vec.xmm(0), Vec.xmm(1));
    assembler.emit(VUNPCKHPS, Vec.xmm(7), Vec.xmm(2), Vec.xmm(3));
    assembler.emit(VMOVLHPS, Vec.xmm(0), Vec.xmm(4), Vec.xmm(5));
    assembler.emit(VMOVHLPS, Vec.xmm(1), Vec.xmm(5), Vec.xmm(4));
    assembler.emit(VMOVLHPS, Vec.xmm(2), Vec.xmm(6), Vec.xmm(7));
    assembler.emit(VMOVHLPS, Vec.xmm(3), Vec.xmm(7), Vec.xmm(6));
  }
}
