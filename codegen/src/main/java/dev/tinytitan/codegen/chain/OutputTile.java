package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;

/**
 * Requantizes the sums of a tile and stores them as bytes. Packing works within lanes of 128 bits;
 * so filters are spread over vectors and lanes such that packed groups of four bytes come out in
 * order, or need one permutation.
 */
final class OutputTile implements ProductOutput {
  private final VectorCode code;
  private final Requantization requantization;
  private final int vectors;
  private final int filters;

  /**
   * @param vectors of filters
   * @param filters how many of the block's filters there are; the rest is not stored
   */
  OutputTile(VectorCode code, Requantization requantization, int vectors, int filters) {
    this.code = code;
    this.requantization = requantization;
    this.vectors = vectors;
    this.filters = filters;
  }

  /** Which filter of a block lies in an element of 32 bits of one of its vectors. */
  static int filterOf(Isa isa, int vectors, int vector, int element) {
    int lanes = isa.vectorBits() / 128;
    int set = vector / 4;
    int width = Math.min(4, vectors - 4 * set);
    int inSet = vector - 4 * set;
    return 16 * lanes * set + 4 * width * (element / 4) + 4 * inSet + element % 4;
  }

  @Override
  public int elementBytes() {
    return 1;
  }

  @Override
  public void prepare() {
    int groups = (filters + 3) / 4;
    int perSet = 4 * code.lanes();
    for (int set = 0; set * perSet < groups; set++) {
      code.prepareStore(0, Math.min(perSet, groups - set * perSet));
    }
  }

  @Override
  public void emit(int[] sums, Mem constants, Gpr to, int[] offsets, int spare) {
    for (int vector = 0; vector < vectors; vector++) {
      int[] ofVector = new int[offsets.length];
      for (int place = 0; place < offsets.length; place++) {
        ofVector[place] = sums[place * vectors + vector];
      }
      Mem[] factors = new Mem[requantization.factors()];
      for (int i = 0; i < factors.length; i++) {
        factors[i] = constants.plus((i * vectors + vector) * code.vectorBytes());
      }
      requantization.scale(code, ofVector, factors, spare);
    }
    int perSet = 4 * code.lanes();
    for (int set = 0; 4 * set < vectors; set++) {
      int width = Math.min(4, vectors - 4 * set);
      int groups = Math.min(width * code.lanes(), (filters + 3) / 4 - set * perSet);
      int together = width == 1 ? 4 : width == 2 ? 2 : 1;
      for (int place = 0; place < offsets.length; place += together) {
        int count = Math.min(together, offsets.length - place);
        int[] packed = new int[count * width];
        for (int i = 0; i < packed.length; i++) {
          packed[i] = sums[(place + i / width) * vectors + 4 * set + i % width];
        }
        requantization.pack(code, packed);
        if (width < 4) {
          Requantization.permute(code, packed[0], spare, order(width));
        }
        store(packed[0], to, offsets, place, count, width, groups, 4 * perSet * set, spare);
      }
    }
  }

  /** Group {@code o} of the result, place by place, from lane and slot. */
  private int[] order(int width) {
    int[] order = new int[code.dwords()];
    int perPlace = width * code.lanes();
    for (int o = 0; o < order.length; o++) {
      int place = o / perPlace;
      int rest = o % perPlace;
      int slot = place * width + rest % width;
      order[o] = 4 * (rest / width) + Math.min(slot, 3);
    }
    return order;
  }

  private void store(
      int register,
      Gpr to,
      int[] offsets,
      int place,
      int count,
      int width,
      int groups,
      int setOffset,
      int spare) {
    int perPlace = width * code.lanes();
    boolean contiguous = groups == perPlace && count * perPlace == code.dwords();
    for (int i = 1; i < count; i++) {
      contiguous &= offsets[place + i] == offsets[place] + 4 * perPlace * i;
    }
    if (contiguous) {
      code.store(Mem.at(to, offsets[place] + setOffset), register, 0, code.dwords(), spare);
      return;
    }
    for (int i = 0; i < count; i++) {
      code.store(Mem.at(to, offsets[place + i] + setOffset), register, perPlace * i, groups, spare);
    }
  }
}
