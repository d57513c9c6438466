package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.compress.FineTuning;
import dev.tinytitan.compress.distill.DistillationLoss;
import dev.tinytitan.compress.distill.DistillationOptions;
import dev.tinytitan.compress.distill.Distiller;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Masking;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import java.util.Optional;

/**
 * Trains the model to answer as the original does: by softened probabilities where the data have
 * labels, else by the original's outputs. Labels, or values to be predicted, count for a part.
 *
 * @param plan how long and how fast
 * @param temperature that softens probabilities, above 0
 * @param labelWeight how much labels count, 0 to 1
 */
public record Distill(TrainingPlan plan, double temperature, double labelWeight) implements Step {
  static final double DEFAULT_TEMPERATURE = 4;
  static final double DEFAULT_LABEL_WEIGHT = 0.1;

  public Distill {
    if (!(temperature > 0) || !(labelWeight >= 0 && labelWeight <= 1)) {
      throw new IllegalArgumentException(
          "the temperature must be above 0 and the weight of labels 0 to 1, not "
              + temperature
              + " and "
              + labelWeight);
    }
  }

  /** All else at its default. */
  public static Distill of(TrainingPlan plan) {
    return new Distill(plan, DEFAULT_TEMPERATURE, DEFAULT_LABEL_WEIGHT);
  }

  @Override
  public String kind() {
    return "distill";
  }

  @Override
  public String label() {
    return "distill " + plan.label();
  }

  @Override
  public String words() {
    return "train it to answer as the original does, " + plan.words();
  }

  @Override
  public Optional<TrainingPlan> training() {
    return Optional.of(plan);
  }

  @Override
  public Model apply(Model model, StepContext context) {
    return distill(
        model, this, Masking.keepZeros(), context, TrainingPlan.listener("distill", context));
  }

  /** This as the training of a step that does more than train. */
  FineTuning fineTuning(String stage, StepContext context) {
    TrainingListener listener = TrainingPlan.listener(stage, context);
    return (between, masking) -> distill(between, this, masking, context, listener);
  }

  /**
   * Distils a model, also one between two forms.
   *
   * @param masking what is kept at zero
   */
  private static Model distill(
      Model model, Distill how, Masking masking, StepContext context, TrainingListener listener) {
    boolean labelled = context.data().isLabelled();
    boolean answered = context.data().isAnswered();
    TrainingData data = context.data().trainingData(how.plan().samples(), answered);
    DistillationOptions options =
        DistillationOptions.of(
                labelled
                    ? DistillationLoss.softTargets(how.temperature())
                    : new DistillationLoss.Outputs(),
                how.plan()
                    .options(
                        labelled ? Loss.crossEntropy() : Loss.meanSquaredError(),
                        data,
                        masking,
                        context))
            .withLabelWeight(answered ? how.labelWeight() : 0);
    return TrainingPlan.finished(
        new Distiller(context.teacher(), options)
            .distill(model, data, Optional.empty(), listener)
            .training());
  }
}
