package dev.tinytitan.cli.command;

import dev.tinytitan.BadDataException;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.data.Split;
import dev.tinytitan.edge.learn.Budget;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.SampleChange;
import dev.tinytitan.train.Schedule;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.TrainingResult;
import dev.tinytitan.train.zoo.Zoo;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a model is trained; options of all commands that train. */
final class TrainOptions {
  /** Labels may leave so many more numbers free than there are samples. */
  private static final int MOST_EMPTY_CLASSES = 1000;

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
      description = "shift, flip, noise, mask, crop: several with commas.")
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
      description = {
        "Save the state after each epoch, and keep the file; a killed run goes on from there."
      })
  @Nullable Path checkpoint;

  @Option(
      names = "--memory-budget",
      paramLabel = "BYTES",
      description = {
        "The most memory that steps may take, such as 64MB; activations are computed again where"
            + " they do not fit (default: any)."
      })
  private @Nullable String memoryBudget;

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
      if (memoryBudget != null) {
        options = options.withMemoryBudget(Budget.bytes(memoryBudget));
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

  /** Fails with a sentence if a number is out of range. */
  void check() {
    TransformOptions.requirePositive("--epochs", epochs);
    TransformOptions.requirePositive("--batch", batch);
    if (threads != null) {
      TransformOptions.requirePositive("--threads", threads);
    }
    require(rate == null || (rate > 0 && Double.isFinite(rate)), "--lr", "more than 0", rate);
    require(heldBack > 0 && heldBack < 1, "--hold-back", "over 0 and below 1", heldBack);
    require(smoothing >= 0 && smoothing < 1, "--smoothing", "0 or more and below 1", smoothing);
    require(averaging >= 0 && averaging < 1, "--averaging", "0 or more and below 1", averaging);
    require(mixup >= 0 && Double.isFinite(mixup), "--mixup", "0 or more", mixup);
    require(clip >= 0 && Double.isFinite(clip), "--clip", "0 or more", clip);
    require(patience >= 0, "--patience", "0 or more", patience);
    EngineOptions.requireEngine(engine);
  }

  private static void require(boolean holds, String option, String range, @Nullable Object value) {
    if (!holds) {
      throw new CommandFailure(option + " must be " + range + ", not " + value + ".");
    }
  }

  /**
   * One more than the greatest label.
   *
   * @param err takes a note about classes without samples
   * @throws BadDataException where classes make no sense
   */
  static int classes(TrainingData all, PrintWriter err) {
    BitSet seen = new BitSet();
    int most = all.size() + MOST_EMPTY_CLASSES;
    for (int i = 0; i < all.size(); i++) {
      int label = all.classes()[i];
      if (label < 0 || label > most) {
        throw new BadDataException(
            "The label of sample "
                + i
                + " is "
                + label
                + (label < 0
                    ? "; classes are counted from 0."
                    : ", but there are only "
                        + all.size()
                        + " samples: number the classes from 0 on, or give targets that are no"
                        + " classes as float32."));
      }
      seen.set(label);
    }
    requireTwoClasses(all);
    int empty = seen.length() - seen.cardinality();
    if (empty > 0) {
      DataOptions.note(
          err,
          "No sample is of class "
              + seen.nextClearBit(0)
              + (empty == 1 ? "" : " and " + (empty - 1) + " more below " + (seen.length() - 1))
              + ": the network gets "
              + seen.length()
              + " outputs, of which "
              + (empty == 1 ? "one learns" : empty + " learn")
              + " nothing.");
    }
    return seen.length();
  }

  /** Fails with a sentence if there are classes, but only one of them. */
  static void requireTwoClasses(TrainingData all) {
    if (all.hasClasses() && Arrays.stream(all.classes()).distinct().limit(2).count() < 2) {
      throw new BadDataException(
          "All samples are of class " + all.classes()[0] + ": there is nothing to tell apart.");
    }
  }

  /** Fails with a sentence if training diverged before anything was worth being kept. */
  static void requireLearned(TrainingResult result) {
    if (result.stop() == TrainingResult.Stop.DIVERGED && result.history().isEmpty()) {
      throw new CommandFailure(result.detail() + " Nothing was written.");
    }
  }

  /**
   * Says so if training diverged.
   *
   * @return the exit code
   */
  static int verdict(TrainingResult result, PrintWriter err) {
    if (result.stop() != TrainingResult.Stop.DIVERGED) {
      return 0;
    }
    err.println("titan: " + result.detail());
    err.flush();
    return 1;
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
