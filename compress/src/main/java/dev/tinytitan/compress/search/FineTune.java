package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Masking;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import java.util.Optional;

/**
 * Trains the model on, on the labels, or values to be predicted, of the training part.
 *
 * @param plan how long and how fast
 */
public record FineTune(TrainingPlan plan) implements Step {
  @Override
  public String kind() {
    return "fine-tune";
  }

  @Override
  public String label() {
    return "train " + plan.label();
  }

  @Override
  public String words() {
    return "train on " + plan.words();
  }

  @Override
  public Optional<TrainingPlan> training() {
    return Optional.of(plan);
  }

  @Override
  public Model apply(Model model, StepContext context) {
    TrainingData data = context.data().trainingData(plan.samples(), true);
    try (Trainer trainer =
        Trainer.of(
            model,
            plan.options(
                data.hasClasses() ? Loss.crossEntropy() : Loss.meanSquaredError(),
                data,
                Masking.keepZeros(),
                context))) {
      return TrainingPlan.finished(
          trainer.fit(data, Optional.empty(), TrainingPlan.listener("fine-tune", context)));
    }
  }
}
