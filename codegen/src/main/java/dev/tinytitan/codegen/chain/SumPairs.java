package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.VPERMQ;
import static dev.tinytitan.codegen.x86.Instruction.VPERMQ_VECTOR;
import static dev.tinytitan.codegen.x86.Instruction.VSHUFPS;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Instruction;

/** Adds up neighbouring elements of a tile's sums where a {@link FilterLayout} has two parts. */
final class SumPairs {
  /** The elements 0 and 2 of a lane of the first register, then of the second. */
  private static final int EVEN = 0b10_00_10_00;

  /** The elements 1 and 3. */
  private static final int ODD = 0b11_01_11_01;

  private final VectorCode code;
  private final FilterLayout layout;
  private final Instruction sum;

  /**
   * @param sum adds two registers
   */
  SumPairs(VectorCode code, FilterLayout layout, Instruction sum) {
    this.code = code;
    this.layout = layout;
    this.sum = sum;
  }

  /**
   * Finishes the sums of so many places, which lie in the first registers, place by place.
   *
   * @param spare two registers that may be changed, from this one on
   */
  TileSums emit(int places, int spare) {
    int vectors = layout.vectors();
    int wholeVectors = layout.wholeVectors();
    int[] whole = new int[places * wholeVectors];
    for (int i = 0; i < whole.length; i++) {
      whole[i] = i / wholeVectors * vectors + i % wholeVectors * layout.parts();
      if (layout.parts() > 1) {
        add(whole[i], whole[i] + 1, spare);
      }
    }
    int[] halves = new int[layout.hasHalf() ? Math.ceilDiv(places, 2) : 0];
    if (halves.length > 0 && code.dwords() == 16) {
      code.load(spare + 1, code.ints(new int[] {0, 0, 2, 0, 4, 0, 6, 0, 1, 0, 3, 0, 5, 0, 7, 0}));
    }
    for (int i = 0; i < halves.length; i++) {
      int first = 2 * i * vectors + vectors - 1;
      int second = 2 * i + 1 < places ? first + vectors : first;
      add(first, second, spare);
      // Each lane has two filters of either place: all of one place first.
      if (code.dwords() == 16) {
        code.op(VPERMQ_VECTOR, first, spare + 1, first);
      } else {
        code.assembler().emit(VPERMQ, code.vector(first), code.vector(first), 0b11_01_10_00);
      }
      halves[i] = first;
    }
    return new TileSums(whole, halves);
  }

  /** Adds neighbours of both registers; in each lane, sums of the first come first. */
  private void add(int first, int second, int spare) {
    shuffle(spare, first, second, ODD);
    shuffle(first, first, second, EVEN);
    code.op(sum, first, first, spare);
  }

  private void shuffle(int to, int first, int second, int order) {
    code.assembler().emit(VSHUFPS, code.vector(to), code.vector(first), code.vector(second), order);
  }
}
