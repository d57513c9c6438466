package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Isa;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many filters and vectors of places have their sums in registers together, whether terms are
 * written out, and what that is estimated to cost. The estimate counts what the busiest of three
 * resources has to do: two multipliers, two loads in each cycle, and the decoders. Its factors were
 * fitted to measurements on a processor with AVX-512; where it says that sparse code may pay,
 * {@link SparseChoice} measures.
 *
 * <p>With AVX-512 one vector of places and as many filters as there are registers is mostly best: a
 * weight is then read by the multiplication itself, so each product is one short instruction, and
 * an input serves many filters.
 *
 * @param filters of a block
 * @param vectors of places
 * @param tiles of so many vectors
 * @param written whether each term has instructions of its own; else a loop goes through them
 * @param fused whether multiplications read their weights themselves
 * @param cycles estimated, for the whole layer
 */
record SparseTiling(
    int filters, int vectors, int tiles, boolean written, boolean fused, double cycles) {
  /** Bytes of instructions for one block of filters at most: they fit into any first cache. */
  static final int MOST_BLOCK_CODE = 24 << 10;

  /** Bytes of instructions for one layer at most: the second cache holds those of all layers. */
  static final int MOST_CODE = 256 << 10;

  /** Filters of a block in a loop: what makes up a plane of bytes. */
  private static final int LOOP_FILTERS = 4;

  /** Bytes of instructions: of a load or a product with a weight, and of one without. */
  private static final int LOAD_BYTES = 7;

  private static final int PRODUCT_BYTES = 6;

  /** Bytes of code that come from the second-level cache in a cycle, beside what is computed. */
  private static final double FETCHED = 64;

  /** Cycles for an instruction, where a product needs more than one. */
  private static final double DECODED = 0.36;

  private static final double LOOPED = 1.6;

  private static final double CYCLES_PER_RESULT_VECTOR = 2.3;
  private static final double CYCLES_PER_TRANSPOSITION = 20;

  /**
   * The fastest by estimate.
   *
   * @param mostCode bytes of instructions at most; 0 for loops only, if nothing is shifted
   * @param mayFuse whether multiplications may read their weights themselves
   */
  static SparseTiling of(
      SparseTerms terms, PlaneGrid grid, Isa isa, Buffer output, int mostCode, boolean mayFuse) {
    @Nullable SparseTiling written = null;
    int perVector = isa.vectorBits() / 32;
    int needed = Math.ceilDiv(grid.positions(), perVector);
    int registers = isa.vectorRegisters() - 1 - (terms.halves() - 1);
    int mostFilters = Math.ceilDiv(terms.filters().size(), 4) * 4;
    boolean wide = mayFuse && isa.vectorBits() == 512 && terms.halves() == 1;
    boolean shifted = grid.layout() == PlaneGrid.Columns.SHIFTED;
    for (int filters = 4; filters <= mostFilters && filters < registers; filters += 4) {
      for (int vectors = 1; filters * vectors + inputs(vectors, shifted) <= registers; vectors++) {
        int tiles = Math.ceilDiv(needed, vectors);
        boolean fused = wide && vectors == 1;
        Work work = work(terms, filters, vectors, fused);
        if (work.code < mostCode && work.blockCode <= MOST_BLOCK_CODE) {
          double cycles = tiles * work.cycles + work.code / FETCHED;
          written = better(written, new SparseTiling(filters, vectors, tiles, true, fused, cycles));
        }
      }
    }
    SparseTiling best = written != null ? written : loop(terms, needed, 1);
    // Loops shift nothing in registers.
    boolean mayLoop = written == null || !shifted;
    for (int vectors = 1; mayLoop && LOOP_FILTERS * vectors + 1 <= registers; vectors++) {
      best = better(best, loop(terms, needed, vectors));
    }
    double results = CYCLES_PER_RESULT_VECTOR * needed * terms.filters().size();
    double transpositions =
        (double) grid.inputVectors(perVector) * Math.ceilDiv(grid.groups(), 4)
            + (double) grid.outputVectors(perVector, output)
                * Math.ceilDiv(output.pixelBytes(), 16);
    double cycles = best.cycles + results + CYCLES_PER_TRANSPOSITION * transpositions;
    return new SparseTiling(
        best.filters, best.vectors, best.tiles, best.written, best.fused, cycles);
  }

  /** Registers for inputs: shifted ones besides, and what comes in from outside. */
  private static int inputs(int vectors, boolean shifted) {
    return shifted ? 2 * vectors + 1 : vectors;
  }

  private static SparseTiling loop(SparseTerms terms, int needed, int vectors) {
    int tiles = Math.ceilDiv(needed, vectors);
    double cycles = tiles * LOOPED * loopCycles(terms, vectors);
    return new SparseTiling(LOOP_FILTERS, vectors, tiles, false, false, cycles);
  }

  private static SparseTiling better(@Nullable SparseTiling one, SparseTiling other) {
    return one == null || other.cycles < one.cycles ? other : one;
  }

  /** What one tile costs over all blocks of filters, and how long the code is. */
  private record Work(double cycles, int code, int blockCode) {}

  private static Work work(SparseTerms terms, int filters, int vectors, boolean fused) {
    double cycles = 0;
    int code = 0;
    int blockCode = 0;
    int all = terms.filters().size();
    for (int first = 0; first < all; first += filters) {
      List<List<SparseTerms.Term>> block =
          terms.filters().subList(first, Math.min(all, first + filters));
      int count = block.stream().mapToInt(List::size).sum();
      SparseTerms.Needs needs = SparseTerms.Needs.of(block);
      int loads = vectors * needs.loads();
      int shifts = vectors * needs.shifts();
      double products = (double) count * vectors * terms.halves() + shifts;
      double decoded = fused ? 0 : DECODED * (products + loads + count);
      cycles += Math.max(Math.max(products / 2, (loads + count) / 2.0), decoded);
      int bytes =
          LOAD_BYTES * (loads + shifts + count)
              + (fused ? 0 : PRODUCT_BYTES * vectors * terms.halves() * count);
      code += bytes;
      blockCode = Math.max(blockCode, bytes);
    }
    return new Work(cycles, code, blockCode);
  }

  private static double loopCycles(SparseTerms terms, int vectors) {
    double cycles = 0;
    for (List<SparseTerms.Term> filter : terms.filters()) {
      // The end of each loop is mispredicted now and then.
      cycles += 10;
      for (SparseTerms.Term term : filter) {
        int products = vectors * terms.halves();
        cycles += busiest(products, 2 + vectors * loads(term), 4 + vectors + products);
      }
    }
    return cycles;
  }

  private static double busiest(double products, double loads, double instructions) {
    return Math.max(Math.max(products / 2, loads / 2), instructions / 5);
  }

  /** Loads that a vector costs: two if it lies across cache lines. */
  private static int loads(SparseTerms.Term term) {
    return term.shift() % 16 == 0 ? 1 : 2;
  }
}
