package dev.tinytitan.compress.prune;

import java.util.List;

/**
 * How weights are set to zero. Immutable; each {@code with…} method gives a changed copy.
 *
 * @param pattern where zeros may lie
 * @param sparsity the share of the weights of each layer (of all layers together for {@link
 *     SparseMethod#MAGNITUDE_GLOBAL}) that become zero, over 0, below 1; N:M patterns say it
 *     themselves
 * @param method how weights are picked
 * @param exclude names of layers, or patterns with * and ?, that stay dense
 * @param damping what is added to the diagonal of a layer's Hessian, as a share of its mean
 * @param columnBlock how many columns SparseGPT decides about at once
 * @param mostSamples at most so many samples are run
 * @param seed decides which
 * @param threads of each run
 */
public record SparseOptions(
    SparsePattern pattern,
    double sparsity,
    SparseMethod method,
    List<String> exclude,
    double damping,
    int columnBlock,
    int mostSamples,
    long seed,
    int threads) {

  private static final double DEFAULT_DAMPING = 0.01;
  private static final int DEFAULT_COLUMNS = 128;
  private static final int DEFAULT_SAMPLES = 128;

  public SparseOptions {
    if (!(sparsity > 0 && sparsity < 1)) {
      throw new IllegalArgumentException(
          "the sparsity must be over 0 and below 1, not " + sparsity);
    }
    if (!(damping > 0) || columnBlock < 1 || mostSamples < 1) {
      throw new IllegalArgumentException("damping, block and samples must be positive");
    }
    if (pattern instanceof SparsePattern.NOfM(int keep, int of)) {
      sparsity = 1 - (double) keep / of;
    }
    exclude = List.copyOf(exclude);
  }

  /**
   * All else at its default.
   *
   * @param sparsity not looked at for an N:M pattern
   */
  public static SparseOptions of(SparsePattern pattern, double sparsity, SparseMethod method) {
    return new SparseOptions(
        pattern,
        sparsity,
        method,
        List.of(),
        DEFAULT_DAMPING,
        DEFAULT_COLUMNS,
        DEFAULT_SAMPLES,
        1,
        Math.min(4, Runtime.getRuntime().availableProcessors()));
  }

  /** The same with layers that stay dense. */
  public SparseOptions withExclude(List<String> names) {
    return new SparseOptions(
        pattern, sparsity, method, names, damping, columnBlock, mostSamples, seed, threads);
  }

  /** The same by another method. */
  public SparseOptions withMethod(SparseMethod other) {
    return new SparseOptions(
        pattern, sparsity, other, exclude, damping, columnBlock, mostSamples, seed, threads);
  }

  /** The same with another damping. */
  public SparseOptions withDamping(double share) {
    return new SparseOptions(
        pattern, sparsity, method, exclude, share, columnBlock, mostSamples, seed, threads);
  }

  /** The same with another bound on the samples that are run. */
  public SparseOptions withMostSamples(int count) {
    return new SparseOptions(
        pattern, sparsity, method, exclude, damping, columnBlock, count, seed, threads);
  }

  /** The same with another seed. */
  public SparseOptions withSeed(long other) {
    return new SparseOptions(
        pattern, sparsity, method, exclude, damping, columnBlock, mostSamples, other, threads);
  }

  /** The same with another number of threads. */
  public SparseOptions withThreads(int count) {
    return new SparseOptions(
        pattern, sparsity, method, exclude, damping, columnBlock, mostSamples, seed, count);
  }
}
