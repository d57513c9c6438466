package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.prune.SparseMethod;
import dev.tinytitan.compress.prune.SparseOptions;
import dev.tinytitan.compress.prune.SparsePattern;
import dev.tinytitan.compress.prune.SparsePruner;
import java.util.List;

/**
 * Sets weights to zero; shapes stay.
 *
 * @param pattern where zeros may lie
 * @param sparsity the share of zeros, over 0, below 1; an N:M pattern says it itself
 * @param method how weights are picked
 * @param exclude names of layers, or patterns, that stay dense
 * @param samples at most so many are looked at
 */
public record PruneSparse(
    SparsePattern pattern, double sparsity, SparseMethod method, List<String> exclude, int samples)
    implements Step {

  /** Samples that inputs of layers are seen on unless a recipe says otherwise. */
  public static final int DEFAULT_SAMPLES = 128;

  public PruneSparse {
    exclude = List.copyOf(exclude);
    sparsity = SparseOptions.of(pattern, sparsity, method).sparsity();
    if (samples < 1) {
      throw new IllegalArgumentException("at least one sample is needed, not " + samples);
    }
  }

  /** This share by SparseGPT, all else at its default. */
  public static PruneSparse of(SparsePattern pattern, double sparsity) {
    return new PruneSparse(pattern, sparsity, SparseMethod.SPARSE_GPT, List.of(), DEFAULT_SAMPLES);
  }

  /** The same with layers that stay dense. */
  public PruneSparse withExclude(List<String> names) {
    return new PruneSparse(pattern, sparsity, method, names, samples);
  }

  @Override
  public String kind() {
    return "prune-sparse";
  }

  @Override
  public String label() {
    return Numbers.percent(sparsity) + " % zeros " + pattern;
  }

  @Override
  public String words() {
    return "set "
        + Numbers.percent(sparsity)
        + " % of the weights to zero, pattern "
        + pattern
        + ", by "
        + method.label();
  }

  @Override
  public Model apply(Model model, StepContext context) {
    SparseOptions options =
        SparseOptions.of(pattern, sparsity, method)
            .withExclude(exclude)
            .withMostSamples(samples)
            .withSeed(context.seed())
            .withThreads(context.threads());
    return new SparsePruner(options, context.progress())
        .prune(model, context.calibration(samples), Samples.none())
        .model();
  }
}
