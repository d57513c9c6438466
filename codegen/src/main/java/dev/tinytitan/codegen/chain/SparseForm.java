package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * The sparse form of a convolution or matrix product whose weights are mostly zeros. The input lies
 * in planes, in which a vector holds the same four bytes of neighbouring places ({@link
 * PlaneGrid}); each term of a filter is one multiplication of such a vector with a weight that all
 * places share; and results are planes again. Where one sparse product follows another, they are
 * the planes that it reads; elsewhere {@link PlaneInputLayer} and {@link PlaneOutputLayer} bring
 * values in and back.
 *
 * <p>Zeros cost nothing then, whatever pattern they have; blocks of 1×4 8-bit weights along the
 * input's channels are terms as a whole. (Blocks: E. Elsen et al., "Fast Sparse ConvNets", 2020,
 * where the same is done for floats of single columns of channels.) A weight of zero is not
 * multiplied, so an infinite or undefined float under it does not show.
 */
final class SparseForm {
  /** Of all groups of four bytes of weights, how many must be zero for sparse code to pay. */
  private static final double LEAST_ZEROS = 0.4;

  /** Sparse layers take little time for what they read: two threads pay off from some 10 µs on. */
  static final double SPLIT_WEIGHT = 0.1;

  /** Cycles of dense code for a vector of products, and for requantizing a vector of sums. */
  private static final double DENSE_CYCLES = 0.55;

  private static final double DENSE_RESULT = 3;

  /** Bytes of a cache line. */
  private static final int LINE = 64;

  private final ProductLayer dense;
  private final PlaneGrid grid;
  private final SparseTerms terms;
  private final SparseTiling tiling;
  private final Isa isa;
  private final int mostCode;
  private final int perVector;
  private final int planeBytes;

  private SparseForm(
      ProductLayer dense,
      PlaneGrid grid,
      SparseTerms terms,
      SparseTiling tiling,
      Isa isa,
      int mostCode) {
    this.isa = isa;
    this.mostCode = mostCode;
    this.dense = dense;
    this.grid = grid;
    this.terms = terms;
    this.tiling = tiling;
    this.perVector = isa.vectorBits() / 32;
    int read = computed();
    for (List<SparseTerms.Term> filter : terms.filters()) {
      for (SparseTerms.Term term : filter) {
        read = Math.max(read, computed() + term.shift());
      }
    }
    int lines = Math.ceilDiv(4 * Math.max(read, grid.touched(perVector)), LINE);
    // An odd number of cache lines: planes then do not compete for the same sets.
    this.planeBytes = (lines | 1) * LINE;
  }

  /** The sparse form of a product whose buffers have places. */
  static SparseForm of(ProductLayer dense, Isa isa, SparseChoice.Policy policy) {
    boolean whole = dense.input().dtype() == DType.FLOAT32 || isa.hasDotProduct();
    boolean shifts = isa.vectorBits() == 512 && whole;
    SparseForm form = of(dense, isa, policy, shifts ? isa.vectorBits() / 32 : 0);
    return form.isPossible() ? form : of(dense, isa, policy, 0);
  }

  /** Whether there is code for it: loops shift nothing in registers. */
  private boolean isPossible() {
    return grid.layout() != PlaneGrid.Columns.SHIFTED || tiling.written();
  }

  private static SparseForm of(
      ProductLayer dense, Isa isa, SparseChoice.Policy policy, int perVector) {
    PlaneGrid.Limits limits =
        new PlaneGrid.Limits(policy.mostPlanes(), policy.leastShifted(), perVector);
    PlaneGrid grid = PlaneGrid.of(dense.input(), dense.output(), dense.window(), limits);
    return of(dense, grid, isa, policy.mostCode(), true);
  }

  private static SparseForm of(
      ProductLayer dense, PlaneGrid grid, Isa isa, int mostCode, boolean mayFuse) {
    SparseTerms terms = SparseTerms.of(dense, grid, isa);
    SparseTiling tiling = SparseTiling.of(terms, grid, isa, dense.output(), mostCode, mayFuse);
    return new SparseForm(dense, grid, terms, tiling, isa, mostCode);
  }

  /** A quick look: whether enough weights are zero that estimating is worth it. */
  static boolean mayPay(ProductLayer dense) {
    return dense.zeroSteps() >= LEAST_ZEROS;
  }

  /** What dense code is estimated to take, as {@link SparseTiling#cycles} is. */
  double denseCycles(Isa isa) {
    // The last vector may be a half one.
    double halves = Math.ceilDiv(dense.filters(), isa.vectorBits() / 64);
    double vectors = dense.takesParts() ? halves / 2 : Math.ceil(halves / 2);
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

  /** Places that are computed, whole vectors. */
  private int computed() {
    return tiling.tiles() * tiling.vectors() * perVector;
  }

  /** Planes that results take; some of the last may hold nothing. */
  private int resultPlanes() {
    int inBlock = tiling.written() ? dense.filtersInPlane() : tiling.filters();
    int filters = Math.ceilDiv(dense.filters(), inBlock) * inBlock;
    return filters / dense.filtersInPlane();
  }

  /**
   * The same with several vectors of places at once, whose weights are loaded by instructions of
   * their own: better where few filters of a block share an input. This form itself where its code
   * would be too long.
   */
  SparseForm withSeveralVectors() {
    SparseForm form = of(dense, grid, isa, mostCode, false);
    return form.isPossible() ? form : this;
  }

  /** The products alone, with planes from a place in memory on. */
  Layer products(int start) {
    PlaneTarget target = new PlaneTarget(start + inputBytes(), planeBytes, null);
    return new SparseProductLayer(this, start, List.of(target));
  }

  /** Bytes of the planes that it reads, aligned to cache lines. */
  int inputBytes() {
    return grid.phases().size() * terms.planes(grid) * planeBytes;
  }

  /** Bytes of the planes of results that {@link PlaneOutputLayer} reads. */
  int resultBytes() {
    return resultPlanes() * planeBytes;
  }

  /**
   * Whether this product can write its results straight into the planes of another: the window
   * there moves by single places and keeps the width, and bytes are not widened.
   */
  boolean feeds(SparseForm reader) {
    PlaneGrid there = reader.grid;
    return dense.output() == reader.dense.input()
        && tiling.written()
        && resultPlanes() == there.groups()
        && reader.terms.halves() == 1
        && there.rowStride() == 1
        && there.columnBytes() == dense.output().pixelBytes()
        && there.columns() == grid.columns()
        && there.pitch() == grid.pitch();
  }

  /**
   * This form, or one whose rows are as far apart as those of a reader, so that it can {@link
   * #feeds feed} that.
   */
  SparseForm adaptedTo(SparseForm reader) {
    boolean same = reader.grid.pitch() == grid.pitch() || grid.layout() != PlaneGrid.Columns.APART;
    if (same || dense.output() != reader.dense.input() || reader.grid.columns() != grid.columns()) {
      return this;
    }
    PlaneGrid adapted =
        PlaneGrid.of(
            dense.input(),
            dense.output(),
            dense.window(),
            reader.grid.pitch(),
            PlaneGrid.Columns.APART);
    return of(dense, adapted, isa, mostCode, true);
  }

  /**
   * Where a product that {@link #feeds} another one puts its results: one target for each phase.
   *
   * @param start of the reader's planes, in the binding's memory
   */
  List<PlaneTarget> targets(SparseForm reader, int start) {
    List<PlaneTarget> targets = new ArrayList<>();
    PlaneGrid there = reader.grid;
    ProductLayer.Window window = reader.dense.window();
    boolean apart = there.layout() == PlaneGrid.Columns.APART;
    for (int i = 0; i < there.phases().size(); i++) {
      PlaneGrid.Phase phase = there.phases().get(i);
      int right = window.left() - there.left() - phase.column() * window.columnDilation();
      int shift = window.top() * grid.pitch() + right;
      int first = start + i * there.groups() * reader.planeBytes + 4 * shift;
      boolean[] stored = new boolean[computed()];
      boolean all = true;
      boolean harmless = shift == 0 && phase.rows() == grid.rows() && apart;
      for (int place = 0; place < stored.length; place++) {
        int row = place / grid.pitch();
        int column = place % grid.pitch();
        boolean inside = !apart || (column + right >= 0 && column + right < grid.columns());
        stored[place] =
            row < grid.rows()
                && row + window.top() < phase.rows()
                && column < grid.columns()
                && inside;
        // In a plane without a border anything may stand beside the places.
        all &= stored[place] || (harmless && 4 * place + 4 <= reader.planeBytes);
      }
      targets.add(new PlaneTarget(first, reader.planeBytes, all ? null : stored));
    }
    return targets;
  }

  /**
   * Where the form's planes lie in the binding's memory.
   *
   * @param input the planes that it reads
   * @param transfersInput whether the input has to be brought there first
   * @param results planes that are brought to the output's buffer; -1 if nobody reads that
   * @param targets where results go besides
   */
  record Wiring(int input, boolean transfersInput, int results, List<PlaneTarget> targets) {
    /** For people and as a key: what is left out. */
    String summary() {
      return (transfersInput ? "in" : "") + targets.size() + (results < 0 ? "" : "out");
    }
  }

  /** The layers that compute it. */
  List<Layer> layers(Wiring wiring) {
    List<Layer> layers = new ArrayList<>();
    if (wiring.transfersInput()) {
      layers.add(new PlaneInputLayer(this, wiring.input()));
    }
    List<PlaneTarget> targets = new ArrayList<>(wiring.targets());
    if (wiring.results() >= 0) {
      targets.add(new PlaneTarget(wiring.results(), planeBytes, null));
    }
    layers.add(new SparseProductLayer(this, wiring.input(), targets));
    if (wiring.results() >= 0) {
      layers.add(new PlaneOutputLayer(dense, grid, wiring.results(), planeBytes));
    }
    return layers;
  }
}
