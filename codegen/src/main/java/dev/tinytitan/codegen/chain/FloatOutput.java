package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.emit.Clipping;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;

/** Cuts the sums of a tile to a range and stores them as they are. */
final class FloatOutput implements ProductOutput {
  private final VectorCode code;
  private final Clipping clipping;
  private final FilterLayout layout;
  private final int filters;

  /**
   * @param filters how many of the block's filters there are; the rest is not stored
   */
  FloatOutput(VectorCode code, Clipping clipping, FilterLayout layout, int filters) {
    this.code = code;
    this.clipping = clipping;
    this.layout = layout;
    this.filters = filters;
  }

  @Override
  public void prepare() {
    int last = inVector(layout.outputs() - 1);
    code.prepareStore(0, last);
    if (layout.hasHalf()) {
      code.prepareStore(layout.inHalf(), last);
    }
  }

  private int inVector(int vector) {
    return Math.min(code.dwords(), filters - vector * code.dwords());
  }

  @Override
  public int elementBytes() {
    return Float.BYTES;
  }

  @Override
  public void emit(TileSums sums, Mem constants, Gpr to, int[] offsets, int spare) {
    clipping.emit(code, spare, sums.all());
    int wholeVectors = layout.wholeVectors();
    int half = wholeVectors * code.vectorBytes();
    for (int place = 0; place < offsets.length; place++) {
      for (int vector = 0; vector < wholeVectors; vector++) {
        Mem at = Mem.at(to, offsets[place] + vector * code.vectorBytes());
        code.store(at, sums.whole()[place * wholeVectors + vector], 0, inVector(vector), spare);
      }
      if (layout.hasHalf() && place % 2 == 0) {
        storeHalves(sums.halves()[place / 2], to, offsets, place, half, spare);
      }
    }
  }

  /** Stores the half vectors of two places, or of an odd last one. */
  private void storeHalves(int register, Gpr to, int[] offsets, int place, int offset, int spare) {
    int count = inVector(layout.wholeVectors());
    Mem at = Mem.at(to, offsets[place] + offset);
    boolean second = place + 1 < offsets.length;
    if (second && offsets[place + 1] - offsets[place] == code.vectorBytes() / 2) {
      code.store(at, register, 0, layout.inHalf() + count, spare);
      return;
    }
    code.store(at, register, 0, count, spare);
    if (second) {
      Mem next = Mem.at(to, offsets[place + 1] + offset);
      code.store(next, register, layout.inHalf(), count, spare);
    }
  }
}
