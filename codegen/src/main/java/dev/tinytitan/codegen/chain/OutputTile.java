package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Requantizes the sums of a tile and stores them as bytes. Packing works within lanes of 128 bits:
 * four filters of a place, which lie in one lane, become four bytes that stay together, and one
 * permutation brings those of up to four registers into the order of memory.
 */
final class OutputTile implements ProductOutput {
  private final VectorCode code;
  private final Requantization requantization;
  private final FilterLayout layout;
  private final int groups;

  /**
   * @param filters how many of the block's filters there are; the rest is not stored
   */
  OutputTile(VectorCode code, Requantization requantization, FilterLayout layout, int filters) {
    this.code = code;
    this.requantization = requantization;
    this.layout = layout;
    this.groups = Math.ceilDiv(filters, 4);
  }

  /** Four bytes of a place: where they are in a packed register, and where they go. */
  private record Group(int source, int offset) {}

  @Override
  public int elementBytes() {
    return 1;
  }

  @Override
  public void prepare() {
    int perSet = 4 * code.lanes();
    for (int set = 0; set * perSet < groups; set++) {
      code.prepareStore(0, Math.min(perSet, groups - set * perSet));
    }
  }

  @Override
  public void emit(TileSums sums, Mem constants, Gpr to, int[] offsets, int spare) {
    int wholeVectors = layout.wholeVectors();
    for (int vector = 0; vector < layout.outputs(); vector++) {
      Mem[] factors = new Mem[requantization.factors()];
      for (int i = 0; i < factors.length; i++) {
        factors[i] = constants.plus((i * layout.outputs() + vector) * code.vectorBytes());
      }
      requantization.scale(code, sums.ofVector(vector, wholeVectors), factors, spare);
    }
    if (layout.hasHalf() && wholeVectors == 1) {
      for (int half = 0; half < sums.halves().length; half++) {
        Packing packing = new Packing(offsets);
        packing.whole(sums, 2 * half, 0, 1);
        if (2 * half + 1 < offsets.length) {
          packing.whole(sums, 2 * half + 1, 0, 1);
        }
        packing.half(sums, half);
        packing.emit(to, spare);
      }
      return;
    }
    for (int vector = 0; vector < wholeVectors; vector += 4) {
      int width = Math.min(4, wholeVectors - vector);
      int together = width == 1 ? 4 : width == 2 ? 2 : 1;
      for (int place = 0; place < offsets.length; place += together) {
        Packing packing = new Packing(offsets);
        for (int i = place; i < Math.min(place + together, offsets.length); i++) {
          packing.whole(sums, i, vector, width);
        }
        packing.emit(to, spare);
      }
    }
    for (int half = 0; half < sums.halves().length; half += 4) {
      Packing packing = new Packing(offsets);
      for (int i = half; i < Math.min(half + 4, sums.halves().length); i++) {
        packing.half(sums, i);
      }
      packing.emit(to, spare);
    }
  }

  /** Up to four registers that are packed into one, and stored. */
  private final class Packing {
    private final int[] offsets;
    private final List<Integer> registers = new ArrayList<>();
    private final List<Group> stored = new ArrayList<>();

    Packing(int[] offsets) {
      this.offsets = offsets;
    }

    /** Adds {@code width} vectors of a place. */
    void whole(TileSums sums, int place, int vector, int width) {
      for (int i = vector; i < vector + width; i++) {
        for (int lane = 0; lane < code.lanes(); lane++) {
          group(lane, place, layout.filterOfOutput(i, 4 * lane) / 4);
        }
        registers.add(sums.whole()[place * layout.wholeVectors() + i]);
      }
    }

    /** Adds the half vectors of two places. */
    void half(TileSums sums, int half) {
      int perPlace = code.lanes() / 2;
      for (int lane = 0; lane < code.lanes(); lane++) {
        int place = 2 * half + lane / perPlace;
        if (place < offsets.length) {
          group(lane, place, layout.filterOfOutput(layout.wholeVectors(), 4 * lane) / 4);
        }
      }
      registers.add(sums.halves()[half]);
    }

    private void group(int lane, int place, int group) {
      if (group < groups) {
        stored.add(new Group(4 * lane + registers.size(), offsets[place] + 4 * group));
      }
    }

    void emit(Gpr to, int spare) {
      int[] packed = new int[registers.size()];
      for (int i = 0; i < packed.length; i++) {
        packed[i] = registers.get(i);
      }
      requantization.pack(code, packed);
      stored.sort(Comparator.comparingInt(Group::offset));
      int[] order = new int[code.dwords()];
      boolean inOrder = true;
      for (int i = 0; i < stored.size(); i++) {
        order[i] = stored.get(i).source();
        inOrder &= order[i] == i;
      }
      if (!inOrder) {
        Requantization.permute(code, packed[0], spare, order);
      }
      for (int first = 0; first < stored.size(); ) {
        int count = 1;
        int offset = stored.get(first).offset();
        while (first + count < stored.size()
            && stored.get(first + count).offset() == offset + 4 * count) {
          count++;
        }
        code.store(Mem.at(to, offset), packed[0], first, count, spare);
        first += count;
      }
    }
  }
}
