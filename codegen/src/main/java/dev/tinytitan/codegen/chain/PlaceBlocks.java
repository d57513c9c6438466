package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.VEXTRACTI128;
import static dev.tinytitan.codegen.x86.Instruction.VEXTRACTI32X4;
import static dev.tinytitan.codegen.x86.Instruction.VINSERTI128;
import static dev.tinytitan.codegen.x86.Instruction.VINSERTI32X4;
import static dev.tinytitan.codegen.x86.Instruction.VMOVDQU;
import static dev.tinytitan.codegen.x86.Instruction.VPUNPCKHDQ;
import static dev.tinytitan.codegen.x86.Instruction.VPUNPCKHQDQ;
import static dev.tinytitan.codegen.x86.Instruction.VPUNPCKLDQ;
import static dev.tinytitan.codegen.x86.Instruction.VPUNPCKLQDQ;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Instruction;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.Vec;

/**
 * Blocks of four groups of four bytes by a vector of places, in four registers, in one of two
 * orders: by places, where lane {@code l} of the {@code j}th register holds 16 bytes of place
 * {@code 4 l + j}; or by planes, where each register holds the same four bytes of all places. Four
 * times four groups of four bytes in each lane of 128 bits are transposed to come from one to the
 * other.
 */
final class PlaceBlocks {
  /** Groups of four bytes that are moved together. */
  static final int GROUPS = 4;

  /** Registers: four that go in, four in between, four that come out, and more. */
  private static final int BETWEEN = 4;

  private static final int OUT = 8;
  static final int SPARE = 12;

  private final VectorCode code;

  PlaceBlocks(VectorCode code) {
    this.code = code;
  }

  /** The {@code i}th register before a transposition. */
  static int before(int i) {
    return i;
  }

  /** The {@code i}th register after a transposition. */
  static int after(int i) {
    return OUT + i;
  }

  /**
   * Loads 16 bytes of each place, into the registers before a transposition.
   *
   * @param column bytes from one place to the next
   */
  void loadPlaces(Mem from, int column, int places) {
    for (int j = 0; j < GROUPS; j++) {
      for (int lane = 0; lane < code.lanes(); lane++) {
        int place = GROUPS * lane + j;
        if (place < places) {
          insert(before(j), lane, from.plus(place * column));
        }
      }
    }
  }

  /** Loads 16 bytes into a lane; the first lane comes first and clears the others. */
  private void insert(int register, int lane, Mem from) {
    if (lane == 0) {
      code.assembler().emit(VMOVDQU, Vec.xmm(register), from);
    } else {
      Instruction insert = code.lanes() == 4 ? VINSERTI32X4 : VINSERTI128;
      code.assembler().emit(insert, code.vector(register), code.vector(register), from, lane);
    }
  }

  /** Makes stores of so many groups possible, outside of loops. */
  void prepareStore(int groups) {
    for (int lane = 0; lane < code.lanes() && groups % GROUPS > 0; lane++) {
      code.prepareStore(4 * lane, groups);
    }
  }

  /**
   * Stores the first groups of each place, from the registers behind a transposition.
   *
   * @param column bytes from one place to the next
   */
  void storePlaces(Mem to, int column, int places, int groups) {
    for (int place = 0; place < places; place++) {
      int lane = place / GROUPS;
      int register = after(place % GROUPS);
      Mem at = to.plus(place * column);
      if (groups < GROUPS) {
        code.store(at, register, 4 * lane, groups, SPARE);
      } else if (lane == 0) {
        code.assembler().emit(VMOVDQU, at, Vec.xmm(register));
      } else {
        Instruction extract = code.lanes() == 4 ? VEXTRACTI32X4 : VEXTRACTI128;
        code.assembler().emit(extract, at, code.vector(register), lane);
      }
    }
  }

  /** From places to planes, or back. */
  void transpose() {
    code.op(VPUNPCKLDQ, BETWEEN, 0, 1);
    code.op(VPUNPCKHDQ, BETWEEN + 1, 0, 1);
    code.op(VPUNPCKLDQ, BETWEEN + 2, 2, 3);
    code.op(VPUNPCKHDQ, BETWEEN + 3, 2, 3);
    code.op(VPUNPCKLQDQ, OUT, BETWEEN, BETWEEN + 2);
    code.op(VPUNPCKHQDQ, OUT + 1, BETWEEN, BETWEEN + 2);
    code.op(VPUNPCKLQDQ, OUT + 2, BETWEEN + 1, BETWEEN + 3);
    code.op(VPUNPCKHQDQ, OUT + 3, BETWEEN + 1, BETWEEN + 3);
  }
}
