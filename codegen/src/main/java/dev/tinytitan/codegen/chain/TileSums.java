package dev.tinytitan.codegen.chain;

/**
 * The registers that hold a tile's finished sums.
 *
 * @param whole of each place the {@link FilterLayout#wholeVectors}, place by place
 * @param halves of each two places the half vector, if there is one; an odd last place's stands
 *     twice
 */
// Lives within a method's call, is never compared.
@SuppressWarnings("ArrayRecordComponent")
record TileSums(int[] whole, int[] halves) {

  /** The registers of one of the vectors at all places; behind the whole ones comes the half. */
  int[] ofVector(int vector, int wholeVectors) {
    if (vector == wholeVectors) {
      return halves;
    }
    int[] registers = new int[whole.length / wholeVectors];
    for (int place = 0; place < registers.length; place++) {
      registers[place] = whole[place * wholeVectors + vector];
    }
    return registers;
  }

  /** All registers. */
  int[] all() {
    int[] all = new int[whole.length + halves.length];
    System.arraycopy(whole, 0, all, 0, whole.length);
    System.arraycopy(halves, 0, all, whole.length, halves.length);
    return all;
  }
}
