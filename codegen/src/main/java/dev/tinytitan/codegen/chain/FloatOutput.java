package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.emit.Clipping;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;

/** Cuts the sums of a tile to a range and stores them as they are. */
final class FloatOutput implements ProductOutput {
  private final VectorCode code;
  private final Clipping clipping;
  private final int vectors;
  private final int filters;

  /**
   * @param vectors of filters
   * @param filters how many of the block's filters there are; the rest is not stored
   */
  FloatOutput(VectorCode code, Clipping clipping, int vectors, int filters) {
    this.code = code;
    this.clipping = clipping;
    this.vectors = vectors;
    this.filters = filters;
  }

  @Override
  public void prepare() {
    code.prepareStore(0, inVector(vectors - 1));
  }

  private int inVector(int vector) {
    return Math.min(code.dwords(), filters - vector * code.dwords());
  }

  @Override
  public int elementBytes() {
    return Float.BYTES;
  }

  @Override
  public void emit(int[] sums, Mem constants, Gpr to, int[] offsets, int spare) {
    clipping.emit(code, spare, sums);
    for (int place = 0; place < offsets.length; place++) {
      for (int vector = 0; vector < vectors; vector++) {
        Mem at = Mem.at(to, offsets[place] + vector * code.vectorBytes());
        code.store(at, sums[place * vectors + vector], 0, inVector(vector), spare);
      }
    }
  }
}
