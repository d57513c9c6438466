package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.tensor.DType;
import java.util.List;

/**
 * A convolution or matrix product whose weights are mostly zeros. Three steps: the input is brought
 * into planes, in which a vector holds the same four bytes of neighbouring places ({@link
 * PlaneGrid}); each term of a filter is one multiplication of such a vector with a weight that all
 * places share; and the results are brought back, channels last.
 *
 * <p>Zeros cost nothing then, whatever pattern they have; blocks of 1×4 8-bit weights along the
 * input's channels are terms as a whole. (Blocks: E. Elsen et al., "Fast Sparse ConvNets", 2020,
 * where the same is done for floats of single columns of channels.) A weight of zero is not
 * multiplied, so an infinite or undefined float under it does not show.
 */
final class SparseProductLayer implements Layer {
  /** Of all groups of four bytes of weights, how many must be zero for sparse code to pay. */
  private static final double LEAST_ZEROS = 0.4;

  /** Cycles of dense code for a vector of products, and for requantizing a vector of sums. */
  private static final double DENSE_CYCLES = 0.55;

  private static final double DENSE_RESULT = 3;

  /** Bytes of a cache line. */
  private static final int LINE = 64;

  private final ProductLayer dense;
  private final PlaneGrid grid;
  private final SparseTerms terms;
  private final SparseTiling tiling;
  private final int planeBytes;
  private final int resultPlanes;
  private int scratch = -1;

  private SparseProductLayer(
      ProductLayer dense, PlaneGrid grid, SparseTerms terms, SparseTiling tiling, Isa isa) {
    this.dense = dense;
    this.grid = grid;
    this.terms = terms;
    this.tiling = tiling;
    int perVector = isa.vectorBits() / 32;
    int computed = tiling.tiles() * tiling.vectors() * perVector;
    int read = computed;
    for (List<SparseTerms.Term> filter : terms.filters()) {
      for (SparseTerms.Term term : filter) {
        read = Math.max(read, computed + term.shift());
      }
    }
    int lines = Math.ceilDiv(4 * Math.max(read, grid.touched(perVector)), LINE);
    // An odd number of cache lines: planes then do not compete for the same sets.
    this.planeBytes = (lines | 1) * LINE;
    int filters = Math.ceilDiv(dense.filters(), tiling.filters()) * tiling.filters();
    this.resultPlanes = Math.ceilDiv(filters, dense.filtersInPlane());
  }

  /**
   * The sparse form of a product whose buffers have places.
   *
   * @param mostCode bytes of instructions for its terms at most; 0 for loops only
   */
  static SparseProductLayer of(ProductLayer dense, Isa isa, int mostCode) {
    PlaneGrid grid = PlaneGrid.of(dense.input(), dense.output(), dense.window());
    SparseTerms terms = SparseTerms.of(dense, grid, isa);
    SparseTiling tiling = SparseTiling.of(terms, grid, isa, dense.output(), mostCode);
    return new SparseProductLayer(dense, grid, terms, tiling, isa);
  }

  /** A quick look: whether enough weights are zero that estimating is worth it. */
  static boolean mayPay(ProductLayer dense) {
    return dense.zeroSteps() >= LEAST_ZEROS;
  }

  /** What dense code is estimated to take, as {@link SparseTiling#cycles} is. */
  double denseCycles(Isa isa) {
    double vectors = Math.ceilDiv(dense.filters(), isa.vectorBits() / 32);
    double places = (double) grid.rows() * grid.columns();
    int instructions = dense.input().dtype() == DType.FLOAT32 || isa.hasDotProduct() ? 1 : 4;
    return places * vectors * (DENSE_CYCLES * instructions * dense.steps().size() + DENSE_RESULT);
  }

  /** The same layer with zeros multiplied, too. */
  ProductLayer dense() {
    return dense;
  }

  SparseTiling tiling() {
    return tiling;
  }

  SparseTerms terms() {
    return terms;
  }

  PlaneGrid grid() {
    return grid;
  }

  /** Bytes from one plane to the next. */
  int planeBytes() {
    return planeBytes;
  }

  private int inputPlanes() {
    return grid.phases().size() * terms.planes(grid);
  }

  /** Bytes of memory that it needs while it runs, aligned to cache lines. */
  int scratchBytes() {
    return (inputPlanes() + resultPlanes) * planeBytes;
  }

  /** Where these bytes are, from the start of the binding's memory. */
  void placeScratch(int start) {
    scratch = start;
  }

  @Override
  public String name() {
    return "sparse_" + dense.name();
  }

  @Override
  public long products() {
    return Math.round(dense.products() * terms.density());
  }

  @Override
  public long bytes() {
    return dense.bytes() + scratchBytes();
  }

  @Override
  public void emit(VectorCode code) {
    if (scratch < 0) {
      throw new IllegalStateException(name() + " has no memory yet.");
    }
    requireWithin();
    int results = scratch + inputPlanes() * planeBytes;
    PlaneTransfer transfer = new PlaneTransfer(code, grid, planeBytes);
    transfer.emitInput(scratch, terms.halves());
    new SparseGenerator(code, this, scratch, results).emit();
    transfer.emitOutput(results, dense.output());
  }

  /** Holds the transfers to the buffers; the planes are as large as what is computed. */
  private void requireWithin() {
    dense.input().requireWithin(grid.origin(), grid.end());
    Buffer output = dense.output();
    output.requireWithin(
        output.inside(),
        output.inside() + (output.height() - 1L) * output.rowBytes() + output.rowInside());
  }
}
