package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.prune.SparseMethod;
import dev.tinytitan.compress.prune.SparseOptions;
import dev.tinytitan.compress.prune.SparsePattern;
import dev.tinytitan.compress.prune.SparsePruner;
import java.util.List;
import java.util.Optional;

/**
 * Sets weights to zero; shapes stay.
 *
 * @param pattern where zeros may lie
 * @param sparsity the share of zeros, over 0, below 1; an N:M pattern says it itself
 * @param method how weights are picked
 * @param teaching how the model is trained: while weights become zero, where the method picks them
 *     so, else after that; empty not to train it
 * @param exclude names of layers, or patterns, that stay dense
 * @param samples at most so many are looked at
 */
public record PruneSparse(
    SparsePattern pattern,
    double sparsity,
    SparseMethod method,
    Optional<Distill> teaching,
    List<String> exclude,
    int samples)
    implements Step {

  /** Samples that inputs of layers are seen on unless a recipe says otherwise. */
  public static final int DEFAULT_SAMPLES = 128;

  public PruneSparse {
    exclude = List.copyOf(exclude);
    sparsity = SparseOptions.of(pattern, sparsity, method).sparsity();
    if (method.needsTraining() && teaching.isEmpty()) {
      throw new IllegalArgumentException(
          "the method "
              + method.label()
              + " picks while the model is trained: say how, by training");
    }
    if (samples < 1) {
      throw new IllegalArgumentException("at least one sample is needed, not " + samples);
    }
  }

  /** This share by SparseGPT, all else at its default. */
  public static PruneSparse of(SparsePattern pattern, double sparsity) {
    return new PruneSparse(
        pattern, sparsity, SparseMethod.SPARSE_GPT, Optional.empty(), List.of(), DEFAULT_SAMPLES);
  }

  /** The same with layers that stay dense. */
  public PruneSparse withExclude(List<String> names) {
    return new PruneSparse(pattern, sparsity, method, teaching, names, samples);
  }

  @Override
  public String kind() {
    return "prune-sparse";
  }

  @Override
  public String label() {
    return Numbers.percent(sparsity)
        + " % zeros "
        + pattern
        + teaching.map(each -> ", taught " + each.plan().label()).orElse("");
  }

  @Override
  public String words() {
    return "set "
        + Numbers.percent(sparsity)
        + " % of the weights to zero, pattern "
        + pattern
        + ", by "
        + method.label()
        + teaching
            .map(each -> ", and train it to answer as the original does, " + each.plan().words())
            .orElse("");
  }

  @Override
  public Optional<TrainingPlan> training() {
    return teaching.map(Distill::plan);
  }

  @Override
  public Model apply(Model model, StepContext context) {
    SparseOptions options =
        SparseOptions.of(pattern, sparsity, method)
            .withExclude(exclude)
            .withMostSamples(samples)
            .withSeed(context.seed())
            .withThreads(context.threads());
    SparsePruner pruner = new SparsePruner(options, context.progress());
    return teaching
        .map(how -> pruner.withTraining(how.fineTuning("train sparse", context)))
        .orElse(pruner)
        .prune(model, context.calibration(samples), Samples.none())
        .model();
  }
}
