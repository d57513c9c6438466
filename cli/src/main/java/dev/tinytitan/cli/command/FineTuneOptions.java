package dev.tinytitan.cli.command;

import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.compress.FineTuning;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.TrainingSamples;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How a model is trained on while it is made smaller. */
final class FineTuneOptions {
  /** Of the samples to train with, the share that judges epochs. */
  private static final double VALIDATION = 0.1;

  /** With fewer samples, none are taken away from training to judge epochs. */
  private static final int FEWEST_TO_JUDGE = 200;

  @Option(
      names = {"--epochs", "--fine-tune-epochs"},
      paramLabel = "N",
      description = "Train on for so many passes through labelled --data (default: none).")
  int epochs;

  @Option(
      names = "--lr",
      paramLabel = "X",
      description = "The learning rate at its highest (default: ${DEFAULT-VALUE}).")
  private double rate = 1e-3;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Samples of a training step (default: ${DEFAULT-VALUE}).")
  private int batch = 32;

  /** Fails with a sentence if a number is out of range. */
  void check() {
    if (epochs < 0) {
      throw new CommandFailure("--epochs must be 0 or more, not " + epochs + ".");
    }
    TransformOptions.requirePositive("--batch", batch);
    if (!(rate > 0)) {
      throw new CommandFailure("--lr must be more than 0, not " + rate + ".");
    }
  }

  /** Training on samples, of which some judge epochs where there are many. */
  FineTuning training(Samples samples, long seed, Progress progress) {
    List<Samples> parts = samples.split(1 - VALIDATION, seed);
    boolean judged = samples.size() >= FEWEST_TO_JUDGE && parts.get(1).size() > 0;
    TrainingData train = TrainingSamples.of(judged ? parts.get(0) : samples);
    Optional<TrainingData> validation =
        judged ? Optional.of(TrainingSamples.of(parts.get(1))) : Optional.empty();
    TrainingOptions options =
        TrainingOptions.of(Loss.crossEntropy())
            .withOptimizer(Optimizer.adamW(rate))
            .withEpochs(epochs)
            .withBatch(Math.min(batch, train.size()))
            .withSeed(seed);
    return FineTuning.of(
        options,
        train,
        validation,
        new TrainingListener() {
          @Override
          public void onStep(int step, int steps, double loss) {
            progress.report("train", step, steps);
          }
        });
  }
}
