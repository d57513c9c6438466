package dev.tinytitan.compress.search;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Masking;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.TrainingResult;

/**
 * How long and how fast a step trains, by AdamW with a cosine schedule. Weights that are zero stay
 * zero. Immutable.
 *
 * @param epochs how often each sample is seen
 * @param samples at most so many of the training part; 0 for all
 * @param learningRate at its highest
 * @param batch samples of one step of training
 */
public record TrainingPlan(int epochs, int samples, double learningRate, int batch) {
  static final double DEFAULT_RATE = 1e-3;
  static final int DEFAULT_BATCH = 32;

  public TrainingPlan {
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
    return new TrainingPlan(epochs, 0, DEFAULT_RATE, DEFAULT_BATCH);
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
        + Numbers.plain(learningRate);
  }

  TrainingOptions options(Loss loss, TrainingData data, Masking masking, StepContext context) {
    return TrainingOptions.of(loss)
        .withOptimizer(Optimizer.adamW(learningRate))
        .withEpochs(epochs)
        .withBatch(Math.min(batch, data.size()))
        .withMasking(masking)
        .withSeed(context.seed())
        .withThreads(context.threads());
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
