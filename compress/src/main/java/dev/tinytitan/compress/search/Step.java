package dev.tinytitan.compress.search;

import dev.tinytitan.Model;

/**
 * One step of a {@link Recipe}: a model in, a model out. Immutable; the same model, data and seed
 * give the same model.
 */
public sealed interface Step permits Cluster, FineTune, PruneSparse, PruneStructured, Quantize {

  /** What it is called in a recipe, such as {@code quantize}. */
  String kind();

  /** What it does, in words that follow on each other: a clause without a full stop. */
  String words();

  /** True if it trains, which takes long: only steps before it can spare it the work. */
  default boolean trains() {
    return false;
  }

  /**
   * Takes the step.
   *
   * @throws dev.tinytitan.TitanException if the model or the data do not allow it
   */
  Model apply(Model model, StepContext context);
}
