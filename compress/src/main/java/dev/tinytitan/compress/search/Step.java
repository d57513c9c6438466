package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import java.util.Optional;

/**
 * One step of a {@link Recipe}: a model in, a model out. Immutable; the same model, data and seed
 * give the same model.
 */
public sealed interface Step
    permits Cluster,
        Distill,
        DropDeadUnits,
        FineTune,
        NarrowBiases,
        PruneLayers,
        PruneSparse,
        PruneStructured,
        QuantizationAware,
        Quantize,
        ShortenNames {

  /** What it is called in a recipe, such as {@code quantize}. */
  String kind();

  /** What it does, in words that follow on each other: a clause without a full stop. */
  String words();

  /** The same in as few words as tables have room for. */
  String label();

  /** How long it trains; empty if it does not. What training gives is worth being kept. */
  default Optional<TrainingPlan> training() {
    return Optional.empty();
  }

  /**
   * Takes the step.
   *
   * @throws dev.tinytitan.TitanException if the model or the data do not allow it
   */
  Model apply(Model model, StepContext context);
}
