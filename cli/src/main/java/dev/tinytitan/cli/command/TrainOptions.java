package dev.tinytitan.cli.command;

import dev.tinytitan.BadDataException;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.data.Split;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.SampleChange;
import dev.tinytitan.train.Schedule;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.zoo.Zoo;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a model is trained; options of all commands that train. */
final class TrainOptions {
  /** Rules by the names that users know them by. */
  enum Rule {
    SGD,
    ADAM,
    ADAMW,
    RMSPROP
  }

  /** How the learning rate moves. */
  enum Course {
    CONSTANT,
    COSINE,
    STEP
  }

  @Option(names = "--epochs", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  int epochs = 10;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Samples of a step (default: ${DEFAULT-VALUE}).")
  int batch = 32;

  @Option(
      names = "--lr",
      paramLabel = "X",
      description = "The learning rate (default: 0.05 for sgd, else 0.001).")
  private @Nullable Double rate;

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      description = "sgd, adam, adamw or rmsprop (default: adamw).")
  private Rule rule = Rule.ADAMW;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      description = "Taken off weights, not off biases and normalization.")
  private @Nullable Double weightDecay;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      description = "constant, cosine or step, after a short warm-up (default: cosine).")
  private Course course = Course.COSINE;

  @Option(
      names = "--smoothing",
      paramLabel = "X",
      description = "Label smoothing (default: ${DEFAULT-VALUE}).")
  private double smoothing;

  @Option(
      names = "--augment",
      paramLabel = "WHAT",
      split = ",",
      description = "shift, flip, noise, mask: several with commas.")
  private List<SampleChange> changes = List.of();

  @Option(
      names = "--mixup",
      paramLabel = "X",
      description = "Mix pairs of samples; 0.2 is usual (default: no).")
  private double mixup;

  @Option(
      names = "--averaging",
      paramLabel = "X",
      description = "Keep a moving average of the parameters; 0.999 is usual (default: no).")
  private double averaging;

  @Option(
      names = "--clip",
      paramLabel = "X",
      description = "The greatest norm of the gradients (default: no limit).")
  private double clip;

  @Option(
      names = "--patience",
      paramLabel = "N",
      description = "Stop after so many epochs without a better one (default: never).")
  private int patience;

  @Option(
      names = "--hold-back",
      paramLabel = "X",
      description = "What part of the data judges epochs (default: ${DEFAULT-VALUE}).")
  double heldBack = 0.1;

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description = "Save the state after each epoch; a killed run goes on from there.")
  private @Nullable Path checkpoint;

  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description = "Write a report with the curves of loss and score, to open in a browser.")
  @Nullable Path report;

  @Option(names = "--seed", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  long seed = 1;

  @Option(names = "--threads", paramLabel = "N", description = "Default: the processors, up to 4.")
  private @Nullable Integer threads;

  @Option(names = "--engine", paramLabel = "NAME", description = "Default: the best there is.")
  private String engine = "";

  /**
   * The options for data of this kind: cross-entropy where there are classes, else the squared
   * error.
   *
   * @param classifies whether outputs are classes
   */
  TrainingOptions options(TrainingData all, boolean classifies) {
    double usual = rule == Rule.SGD ? 0.05 : 1e-3;
    double learningRate = rate == null ? usual : rate;
    Loss loss = classifies ? new Loss.CrossEntropy(smoothing, List.of()) : Loss.meanSquaredError();
    try {
      Optimizer optimizer =
          switch (rule) {
            case SGD -> Optimizer.sgd(learningRate);
            case ADAM -> Optimizer.adam(learningRate);
            case ADAMW -> Optimizer.adamW(learningRate);
            case RMSPROP -> Optimizer.rmsProp(learningRate);
          };
      Schedule schedule =
          switch (course) {
            case CONSTANT -> Schedule.constant();
            case COSINE -> Schedule.cosine();
            case STEP -> Schedule.steps(3, 0.1);
          };
      TrainingOptions options =
          TrainingOptions.of(loss)
              .withOptimizer(
                  weightDecay == null ? optimizer : optimizer.withWeightDecay(weightDecay))
              .withSchedule(schedule.withWarmUp(0.02))
              .withEpochs(epochs)
              .withBatch(batch)
              .withSeed(seed)
              .withEngine(engine)
              .withClipNorm(clip)
              .withAveraging(averaging)
              .withPatience(patience)
              .withMixup(mixup);
      if (threads != null) {
        options = options.withThreads(threads);
      }
      if (checkpoint != null) {
        options = options.withCheckpoint(checkpoint);
      }
      return changes.isEmpty() ? options : options.withAugmentation(SampleChange.all(changes, all));
    } catch (IllegalArgumentException error) {
      throw new CommandFailure("The training cannot be done with " + error.getMessage() + ".");
    }
  }

  /** Fails with a sentence if there is no such architecture. */
  static void requireArchitecture(String name) {
    if (!Zoo.names().contains(name)) {
      throw new CommandFailure(
          "There is no architecture '" + name + "'; known are " + String.join(", ", Zoo.names()));
    }
  }

  /** One more than the greatest label; fails with a sentence where classes make no sense. */
  static int classes(TrainingData all) {
    int most = 0;
    for (int label : all.classes()) {
      if (label < 0) {
        throw new BadDataException("A label is " + label + "; classes are counted from 0.");
      }
      most = Math.max(most, label);
    }
    if (most == 0) {
      throw new BadDataException("All labels are 0: there is nothing to tell apart.");
    }
    return most + 1;
  }

  /** How many samples do what, and what it takes, in one line. */
  static String summary(Split split, long parameters, String memory) {
    return split.train().length
        + " samples to train with, "
        + split.heldBack().length
        + " held back; "
        + parameters
        + " parameters"
        + memory;
  }
}
