package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;

/** Turns the sums of a tile (some places, the filters of a block each) into stored results. */
interface ProductOutput {

  /** Prepares masks outside of loops. */
  void prepare();

  /** Bytes that one filter's result takes. */
  int elementBytes();

  /**
   * Writes the code for one tile.
   *
   * @param sums which registers hold them
   * @param constants the filters' further constants: the second ones vector by vector, then the
   *     next
   * @param to points to the first place
   * @param offsets of each place, from there
   * @param spare two registers that hold nothing, from this one on
   */
  void emit(TileSums sums, Mem constants, Gpr to, int[] offsets, int spare);
}
