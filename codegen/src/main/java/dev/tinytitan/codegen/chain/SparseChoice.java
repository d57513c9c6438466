package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.tensor.DType;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether a product runs in its sparse form. An estimate says where that may pay; there, products
 * of integers are timed in both forms, once for a session, and the faster one is taken: their
 * results are the same. Products of floats add in another order, and results should not depend on
 * what a clock said; so there the estimate decides, with a margin.
 *
 * @param isSparse what was chosen
 * @param rejected what was not, and why, for people
 */
record SparseChoice(boolean isSparse, String rejected) {

  /** Who decides, and which forms there may be. */
  enum Policy {
    /** Estimates and the clock. */
    FASTER(SparseTiling.MOST_CODE, PlaneGrid.MOST_COLUMN_PLANES, LEAST_SHIFTED),
    /** Sparse wherever it can be: for tests. */
    SPARSE(SparseTiling.MOST_CODE, PlaneGrid.MOST_COLUMN_PLANES, NEVER_SHIFTED),
    /** The same with loops in place of written-out code. */
    SPARSE_LOOPS(0, PlaneGrid.MOST_COLUMN_PLANES, NEVER_SHIFTED),
    /** The same with borders in planes, whatever these take. */
    SPARSE_BORDERED(SparseTiling.MOST_CODE, 0, NEVER_SHIFTED),
    /** The same with rows as vectors, however short. */
    SPARSE_SHIFTED(SparseTiling.MOST_CODE, 0, 1),
    /** The same with several vectors of places at once. */
    SPARSE_VECTORS(SparseTiling.MOST_CODE, PlaneGrid.MOST_COLUMN_PLANES, 1);

    private final int mostCode;
    private final int mostPlanes;
    private final int leastShifted;

    Policy(int mostCode, int mostPlanes, int leastShifted) {
      this.mostCode = mostCode;
      this.mostPlanes = mostPlanes;
      this.leastShifted = leastShifted;
    }

    /** Bytes of instructions for a product's terms at most; 0 for loops only. */
    int mostCode() {
      return mostCode;
    }

    /** Bytes that planes of their own for each column of a window may take. */
    int mostPlanes() {
      return mostPlanes;
    }

    /** Columns from which on rows may be laid into vectors and shifted in registers. */
    int leastShifted() {
      return leastShifted;
    }
  }

  /** Columns that fill vectors of 16 places well enough. */
  private static final int LEAST_SHIFTED = 13;

  private static final int NEVER_SHIFTED = Integer.MAX_VALUE;

  /** Estimates up to this factor above dense code are worth a trial. */
  private static final double WORTH_A_TRIAL = 1.3;

  /** Products of floats are taken if they are estimated below this part of dense code. */
  private static final double SAFE = 0.7;

  /** What a trial of two forms found: their shortest times. */
  record Trial(double firstNanos, double secondNanos) {
    /** With a margin for noise: when in doubt, the first. */
    boolean isSecondFaster() {
      return secondNanos < 0.97 * firstNanos;
    }
  }

  /** The sparse form of a layer if it may be worth its while. */
  static Optional<SparseForm> candidate(Layer layer, Isa isa, Policy policy) {
    if (!(layer instanceof ProductLayer dense) || !PlaneGrid.takes(dense.input())) {
      return Optional.empty();
    }
    if (policy == Policy.FASTER && !SparseForm.mayPay(dense)) {
      return Optional.empty();
    }
    SparseForm sparse = SparseForm.of(dense, isa, policy);
    boolean floats = dense.input().dtype() == DType.FLOAT32;
    double most = floats ? SAFE : WORTH_A_TRIAL;
    boolean pays = sparse.tiling().cycles() < most * sparse.denseCycles(isa);
    return pays || policy != Policy.FASTER ? Optional.of(sparse) : Optional.empty();
  }

  /**
   * The form with one vector of places at once or that with several, whichever is faster: by a
   * trial for products of integers, else by estimate.
   *
   * @param start where memory for planes is free
   */
  static SparseForm faster(
      SparseForm form, KernelRequest node, Target target, Policy policy, int start) {
    if (policy == Policy.SPARSE_VECTORS) {
      return form.withSeveralVectors();
    }
    boolean floats = form.dense().input().dtype() == DType.FLOAT32;
    if (policy != Policy.FASTER || floats || !form.tiling().fused()) {
      return form;
    }
    SparseForm other = form.withSeveralVectors();
    if (other == form) {
      return form;
    }
    int bytes =
        start
            + Math.max(
                form.inputBytes() + form.resultBytes(), other.inputBytes() + other.resultBytes());
    Trial trial =
        trial(
            node,
            target,
            "vectors " + form.grid().pitch(),
            List.of(form.products(start)),
            List.of(other.products(start)),
            bytes);
    return trial.isSecondFaster() ? other : form;
  }

  /** A trial of two forms of a node, once for a session. */
  private static Trial trial(
      KernelRequest node,
      Target target,
      String what,
      List<Layer> first,
      List<Layer> second,
      int memoryBytes) {
    String key =
        String.join(
            " ",
            "sparse trial",
            target.isa().property(),
            node.inputShape(0).toString(),
            node.outputShape(0).toString(),
            what);
    return node.packed()
        .get(
            node.constant(1),
            key,
            Trial.class,
            () -> ChainCompilation.time(first, second, target, memoryBytes));
  }

  /**
   * Decides.
   *
   * @param wiring where the form's planes lie
   * @param memoryBytes that a binding of the chain has
   */
  static SparseChoice of(
      SparseForm sparse,
      SparseForm.Wiring wiring,
      KernelRequest node,
      Target target,
      Policy policy,
      int memoryBytes) {
    ProductLayer dense = sparse.dense();
    String name = node.node().name();
    String part = String.format(Locale.ROOT, "%.0f %%", 100 * sparse.terms().density());
    if (policy != Policy.FASTER || dense.input().dtype() == DType.FLOAT32) {
      String text =
          String.format(
              Locale.ROOT,
              "dense code for %s: sparse code with %s of the products is estimated at %.0f %% of"
                  + " its time",
              name,
              part,
              100 * sparse.tiling().cycles() / sparse.denseCycles(target.isa()));
      return new SparseChoice(true, text);
    }
    Trial trial =
        trial(node, target, wiring.summary(), List.of(dense), sparse.layers(wiring), memoryBytes);
    String times =
        String.format(
            Locale.ROOT,
            "measured %.2f µs, sparse with %s of the products %.2f µs",
            trial.firstNanos() / 1e3,
            part,
            trial.secondNanos() / 1e3);
    return trial.isSecondFaster()
        ? new SparseChoice(true, "dense code for " + name + ": " + times)
        : new SparseChoice(false, "sparse code for " + name + ": dense " + times);
  }
}
