package dev.tinytitan.cli.command;

import dev.tinytitan.Model;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.Interruption;
import dev.tinytitan.compress.FineTuning;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.TrainingSamples;
import dev.tinytitan.compress.distill.DistillationLoss;
import dev.tinytitan.compress.distill.DistillationOptions;
import dev.tinytitan.compress.distill.Distiller;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.SampleChange;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.TrainingResult;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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

  @Option(
      names = "--augment",
      paramLabel = "WHAT",
      split = ",",
      description = {
        "Train on samples changed by shift, flip, noise, mask, crop: several with commas."
      })
  private List<SampleChange> changes = List.of();

  @Option(
      names = "--averaging",
      paramLabel = "X",
      description = "Keep a moving average of the parameters; 0.999 is usual (default: no).")
  private double averaging;

  @Option(
      names = "--distill",
      paramLabel = "TEACHER",
      arity = "0..1",
      fallbackValue = "",
      description = {
        "Train it to answer as this model does, or as MODEL does where none is named; labels count"
            + " for what --alpha leaves."
      })
  private @Nullable String teacher;

  @Option(
      names = "--temperature",
      paramLabel = "X",
      description = "With --distill: softens probabilities (default: ${DEFAULT-VALUE}).")
  private double temperature = 2;

  @Option(
      names = "--alpha",
      paramLabel = "X",
      description = {
        "With --distill: how much the teacher counts, over 0, at most 1 (default:"
            + " ${DEFAULT-VALUE})."
      })
  private double alpha = 0.9;

  private boolean diverged;
  private String detail = "";

  /** Fails with a sentence if a number is out of range. */
  void check() {
    if (epochs < 0) {
      throw new CommandFailure("--epochs must be 0 or more, not " + epochs + ".");
    }
    TransformOptions.requirePositive("--batch", batch);
    if (!(rate > 0)) {
      throw new CommandFailure("--lr must be more than 0, not " + rate + ".");
    }
    if (!(averaging >= 0 && averaging < 1)) {
      throw new CommandFailure("--averaging must be 0 or more and below 1, not " + averaging + ".");
    }
    if (!(alpha > 0 && alpha <= 1) || !(temperature > 0)) {
      throw new CommandFailure(
          "--alpha must be over 0 and at most 1, and --temperature over 0, not "
              + alpha
              + " and "
              + temperature
              + ".");
    }
    if (epochs == 0 && (teacher != null || averaging > 0 || !changes.isEmpty())) {
      throw new CommandFailure(
          "--distill, --augment and --averaging say how to train: give --epochs, too.");
    }
  }

  /** While there is training, Ctrl-C keeps what is done; else it ends the command at once. */
  Interruption interruption() {
    return epochs > 0 ? Interruption.listen() : Interruption.never();
  }

  /**
   * Says how training ended if not as planned.
   *
   * @return the exit code: 1 if it diverged
   */
  int verdict(PrintWriter err) {
    if (detail.isEmpty()) {
      return 0;
    }
    err.println((diverged ? "titan: " : "Note: ") + detail);
    err.flush();
    return diverged ? 1 : 0;
  }

  /**
   * Training on samples, of which some judge epochs where there are many.
   *
   * @param model before anything was done to it: the teacher, unless another one is named
   * @param interruption ends training with the best so far
   */
  FineTuning training(
      Model model, Samples samples, long seed, Progress progress, Interruption interruption) {
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
            .withAveraging(averaging)
            .withSeed(seed);
    if (!changes.isEmpty()) {
      options = options.withAugmentation(SampleChange.all(changes, train));
    }
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(int step, int steps, double loss) {
            progress.report("train", step, steps);
          }

          @Override
          public boolean stops() {
            return interruption.isRequested();
          }

          @Override
          public void onEnd(TrainingResult.Stop stop, String sentence) {
            diverged = stop == TrainingResult.Stop.DIVERGED;
            detail = diverged || stop == TrainingResult.Stop.INTERRUPTED ? sentence : "";
          }
        };
    String given = teacher;
    if (given == null) {
      return FineTuning.of(options, train, validation, listener);
    }
    DistillationOptions distillation =
        DistillationOptions.of(DistillationLoss.softTargets(temperature), options)
            .withParts(
                List.of(
                    new DistillationOptions.Part(DistillationLoss.softTargets(temperature), alpha)))
            .withLabelWeight(1 - alpha);
    return new Distiller(given.isEmpty() ? model : Model.load(Path.of(given)), distillation)
        .fineTuning(train, validation, listener);
  }
}
