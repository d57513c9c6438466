package dev.tinytitan.compress.search;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Masking;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.TrainingResult;
import java.util.Optional;

/**
 * Trains the model on, on the labels of the training part.
 *
 * @param epochs how often each sample is seen
 * @param samples at most so many of the training part; 0 for all
 * @param learningRate of AdamW at its highest; a cosine takes it to 0
 * @param batch samples of one step
 */
public record FineTune(int epochs, int samples, double learningRate, int batch) implements Step {
  static final double DEFAULT_RATE = 1e-3;
  static final int DEFAULT_BATCH = 32;

  public FineTune {
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

  @Override
  public String kind() {
    return "fine-tune";
  }

  @Override
  public String words() {
    return "train on for "
        + Numbers.count(epochs, "epoch")
        + (samples == 0 ? "" : " of " + samples + " samples")
        + " at a learning rate of "
        + Numbers.plain(learningRate);
  }

  @Override
  public boolean trains() {
    return true;
  }

  @Override
  public Model apply(Model model, StepContext context) {
    TrainingData data = context.data().trainingData(samples);
    TrainingOptions options =
        TrainingOptions.of(Loss.crossEntropy())
            .withOptimizer(Optimizer.adamW(learningRate))
            .withEpochs(epochs)
            .withBatch(Math.min(batch, data.size()))
            .withMasking(Masking.keepZeros())
            .withSeed(context.seed())
            .withThreads(context.threads());
    try (Trainer trainer = Trainer.of(model, options)) {
      TrainingResult result =
          trainer.fit(
              data,
              Optional.empty(),
              new TrainingListener() {
                @Override
                public void onStep(int step, int steps, double loss) {
                  context.progress().report("fine-tune", step, steps);
                }

                @Override
                public boolean stops() {
                  return context.stop().getAsBoolean();
                }
              });
      return switch (result.stop()) {
        case COMPLETED, EARLY -> result.model();
        case DIVERGED -> throw new BadDataException("Training diverged. " + result.detail());
        case INTERRUPTED -> throw new InterruptedSearchException();
      };
    }
  }
}
