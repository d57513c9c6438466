package dev.tinytitan.compress.distill;

import dev.tinytitan.Model;
import dev.tinytitan.train.Initialization;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingResult;
import java.util.Optional;

/**
 * Distills a model into untrained copies of itself: each generation learns from the one before
 * (Furlanello et al. 2018, "Born-Again Neural Networks").
 */
public final class SelfDistillation {
  private SelfDistillation() {}

  /**
   * The last generation; of several, each begins when the one before has completed.
   *
   * @param generations how many, at least 1
   */
  public static DistillationResult run(
      Model model,
      DistillationOptions options,
      int generations,
      TrainingData train,
      Optional<TrainingData> validation,
      TrainingListener listener) {
    if (generations < 1) {
      throw new IllegalArgumentException(generations + " generations");
    }
    Model teacher = model;
    for (int generation = 1; ; generation++) {
      long seed = options.training().seed() * 31 + generation;
      DistillationResult result =
          new Distiller(teacher, options)
              .distill(Initialization.redrawn(model, seed), train, validation, listener);
      boolean completed =
          result.training().stop() == TrainingResult.Stop.COMPLETED
              || result.training().stop() == TrainingResult.Stop.EARLY;
      if (generation == generations || !completed) {
        return result;
      }
      teacher = result.model();
    }
  }
}
