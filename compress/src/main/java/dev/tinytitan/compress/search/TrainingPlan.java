package dev.tinytitan.compress.search;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Masking;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.SampleChange;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.TrainingResult;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How long and how fast a step trains, by AdamW with a cosine schedule, and on what. Weights that
 * are zero stay zero. Immutable; each {@code with…} method gives a changed copy.
 *
 * @param epochs how often each sample is seen
 * @param samples at most so many of the training part; 0 for all
 * @param learningRate at its highest
 * @param batch samples of one step of training
 * @param augment what is done to each sample
 * @param averaging how much of the moving average of the parameters stays in a step; 0 for none
 */
public record TrainingPlan(
    int epochs,
    int samples,
    double learningRate,
    int batch,
    List<SampleChange> augment,
    double averaging) {
  static final double DEFAULT_RATE = 1e-3;
  static final int DEFAULT_BATCH = 32;

  public TrainingPlan {
    augment = List.copyOf(augment);
    if (!(averaging >= 0 && averaging < 1)) {
      throw new IllegalArgumentException(
          "averaging must be 0 or more and below 1, not " + averaging);
    }
    if (epochs < 1 || samples < 0 || batch < 1 || !(learningRate > 0)) {
      throw new IllegalArgumentException(
          "epochs and batch must be at least 1, samples 0 or more and the learning rate more than"
              + " 0, not "
              + epochs
              + ", "
              + batch
              + ", "
              + samples
              + " and "
              + learningRate);
    }
  }

  /** So many epochs of all samples at the default rate. */
  public static TrainingPlan of(int epochs) {
    return of(epochs, 0);
  }

  /** So many epochs of so many samples (0: all) at the default rate. */
  public static TrainingPlan of(int epochs, int samples) {
    return new TrainingPlan(epochs, samples, DEFAULT_RATE, DEFAULT_BATCH, List.of(), 0);
  }

  /** The same with another learning rate. */
  public TrainingPlan withLearningRate(double value) {
    return new TrainingPlan(epochs, samples, value, batch, augment, averaging);
  }

  /** The same with batches of another size. */
  public TrainingPlan withBatch(int value) {
    return new TrainingPlan(epochs, samples, learningRate, value, augment, averaging);
  }

  /** The same with samples that are changed in these ways. */
  public TrainingPlan withAugment(List<SampleChange> value) {
    return new TrainingPlan(epochs, samples, learningRate, batch, value, averaging);
  }

  /** The same with a moving average of the parameters. */
  public TrainingPlan withAveraging(double value) {
    return new TrainingPlan(epochs, samples, learningRate, batch, augment, value);
  }

  /** For how long, in as few words as tables have room for. */
  String label() {
    return samples == 0 ? Numbers.count(epochs, "epoch") : epochs * samples / 1000 + "k samples";
  }

  /** For how long, in words. */
  String words() {
    return "for "
        + Numbers.count(epochs, "epoch")
        + (samples == 0 ? "" : " of " + samples + " samples")
        + " at a learning rate of "
        + Numbers.plain(learningRate)
        + (augment.isEmpty()
            ? ""
            : augment.stream()
                .map(SampleChange::label)
                .collect(Collectors.joining(", ", " with samples changed by ", "")));
  }

  TrainingOptions options(Loss loss, TrainingData data, Masking masking, StepContext context) {
    TrainingOptions options =
        TrainingOptions.of(loss)
            .withOptimizer(Optimizer.adamW(learningRate))
            .withEpochs(epochs)
            .withBatch(Math.min(batch, data.size()))
            .withAveraging(averaging)
            .withMasking(masking)
            .withSeed(context.seed())
            .withThreads(context.threads());
    return augment.isEmpty() ? options : options.withAugmentation(SampleChange.all(augment, data));
  }

  /** Tells of the progress, and stops when asked. */
  static TrainingListener listener(String stage, StepContext context) {
    return new TrainingListener() {
      @Override
      public void onStep(int step, int steps, double loss) {
        context.progress().report(stage, step, steps);
      }

      @Override
      public boolean stops() {
        return context.stop().getAsBoolean();
      }
    };
  }

  /** The trained model. */
  static Model finished(TrainingResult result) {
    return switch (result.stop()) {
      case COMPLETED, EARLY -> result.model();
      case DIVERGED -> throw new BadDataException("Training diverged. " + result.detail());
      case INTERRUPTED -> throw new InterruptedSearchException();
    };
  }
}
