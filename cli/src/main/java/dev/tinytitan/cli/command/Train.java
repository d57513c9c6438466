package dev.tinytitan.cli.command;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.ProgressDisplay;
import dev.tinytitan.cli.output.Units;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.data.DatasetOptions;
import dev.tinytitan.data.Split;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.Augmentation;
import dev.tinytitan.train.EpochReport;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.Schedule;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.TrainingResult;
import dev.tinytitan.train.zoo.Zoo;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code titan train}: a network of the zoo, or any trainable ONNX model, on labelled data. */
@Command(
    name = "train",
    description = {
      "Trains a small network on labelled data; the result is standard ONNX.",
      "--arch makes a new network that fits the data and standardizes its input; MODEL goes on from"
          + " a trained one. A part of the data is held back, whole groups, and says which epoch is"
          + " kept. The same seed gives the same model, at any number of threads."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan train --arch resnet8 --data train-images-idx3-ubyte.gz -o fashion.onnx",
      "  titan train --arch cnn-1d --data ecg.npz --groups patient --epochs 20 -o ecg.onnx",
      "  titan train model.onnx --data new.npz --lr 1e-4 --epochs 3 -o tuned.onnx"
    })
public final class Train implements Callable<Integer> {
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

  /** What is done to samples. */
  enum Change {
    SHIFT,
    FLIP,
    NOISE,
    MASK
  }

  @Parameters(paramLabel = "MODEL", arity = "0..1", description = "An ONNX file to go on from.")
  private @Nullable Path file;

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      description =
          "A new network: mlp, lenet300, lenet5, ds-cnn, resnet8, mobilenet, cnn-1d, tcn…")
  private @Nullable String architecture;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      required = true,
      description = {
        "Labelled samples: .npz, .csv, .tsv, IDX, a folder of images or of WAV files, or"
            + " synthetic:NAME, made on the spot: glyphs, images, keywords, bearing, vibration or"
            + " ecg, :SIZE behind it or not."
      })
  private Path data = Path.of("");

  @Option(
      names = "--x",
      paramLabel = "NAME",
      split = ",",
      description = "The array or the columns that are the samples (default: x, or all others).")
  private List<String> x = List.of();

  @Option(
      names = "--y",
      paramLabel = "NAME",
      description = "The array or column of labels (default: y where there is one).")
  private @Nullable String y;

  @Option(
      names = "--groups",
      paramLabel = "NAME",
      description = "The array or column of what a split must not tear apart, such as speakers.")
  private @Nullable String groups;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      required = true,
      description = "The ONNX file to write.")
  private Path output = Path.of("");

  @Option(names = "--epochs", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int epochs = 10;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Samples of a step (default: ${DEFAULT-VALUE}).")
  private int batch = 32;

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
  private List<Change> changes = List.of();

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
  private double heldBack = 0.1;

  @Option(
      names = "--checkpoint",
      paramLabel = "FILE",
      description = "Save the state after each epoch; a killed run goes on from there.")
  private @Nullable Path checkpoint;

  @Option(names = "--seed", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(names = "--threads", paramLabel = "N", description = "Default: the processors, up to 4.")
  private @Nullable Integer threads;

  @Option(names = "--engine", paramLabel = "NAME", description = "Default: the best there is.")
  private String engine = "";

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public Train() {}

  @Override
  public Integer call() {
    if ((file == null) == (architecture == null)) {
      throw new CommandFailure("Give either a MODEL to go on from, or --arch NAME.");
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    DatasetOptions options =
        new DatasetOptions(
            x, Optional.ofNullable(y), Optional.ofNullable(groups), Optional.empty(), 0);
    try (Dataset samples = Dataset.open(data, options)) {
      TrainingData all = TrainingData.of(samples);
      Split split = Split.of(samples, heldBack, seed);
      TrainingData train = all.select(split.train());
      Model model = file != null ? Model.load(file) : fresh(train, samples.sampleShape(), all);
      try (Trainer trainer = Trainer.of(model, options(all))) {
        String memory = Units.bytes(trainer.byteSize());
        if (!common.json) {
          out.println(
              split.train().length
                  + " samples to train with, "
                  + split.heldBack().length
                  + " held back; "
                  + trainer.parameterCount()
                  + " parameters; "
                  + memory
                  + " of memory");
          out.flush();
        }
        TrainingResult result;
        try (ProgressDisplay progress = new ProgressDisplay(err)) {
          result =
              trainer.fit(
                  train,
                  Optional.of(all.select(split.heldBack())),
                  new Listener(out, progress, common.json, all.hasClasses(), train.size() / batch));
        }
        result.model().save(output);
        print(out, result, trainer, all.hasClasses());
        return result.stop() == TrainingResult.Stop.DIVERGED ? 1 : 0;
      }
    }
  }

  private TrainingOptions options(TrainingData all) {
    double usual = rule == Rule.SGD ? 0.05 : 1e-3;
    double learningRate = rate == null ? usual : rate;
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
    Loss loss =
        all.hasClasses() ? new Loss.CrossEntropy(smoothing, List.of()) : Loss.meanSquaredError();
    TrainingOptions options =
        TrainingOptions.of(loss)
            .withOptimizer(weightDecay == null ? optimizer : optimizer.withWeightDecay(weightDecay))
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
    return changes.isEmpty() ? options : options.withAugmentation(augmentation(all));
  }

  private Augmentation augmentation(TrainingData all) {
    double deviation = all.moments().deviation();
    List<Augmentation> parts = new ArrayList<>();
    for (Change change : changes) {
      parts.add(
          switch (change) {
            case SHIFT -> Augmentation.shift(2);
            case FLIP -> Augmentation.flip();
            case NOISE -> Augmentation.noise(0.05 * deviation);
            case MASK -> Augmentation.mask(6);
          });
    }
    return Augmentation.all(parts);
  }

  private Model fresh(TrainingData train, Shape sample, TrainingData all) {
    String name = String.valueOf(architecture);
    if (!Zoo.names().contains(name)) {
      throw new CommandFailure(
          "There is no architecture '" + name + "'; known are " + String.join(", ", Zoo.names()));
    }
    int outputs = all.hasClasses() ? classes(all) : all.targets().length / all.size();
    TrainingData.Moments moments = train.moments();
    return Zoo.build(
        name,
        new Zoo.Task(
            Zoo.fitted(name, sample),
            outputs,
            all.hasClasses(),
            moments.mean(),
            moments.deviation()),
        seed);
  }

  private static int classes(TrainingData all) {
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

  private void print(PrintWriter out, TrainingResult result, Trainer trainer, boolean classes) {
    EpochReport best =
        result.history().stream().filter(EpochReport::best).reduce((a, b) -> b).orElse(null);
    if (common.json) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("output", output.toString());
      document.put("parameters", trainer.parameterCount());
      document.put("peakBytes", trainer.byteSize());
      document.put("metric", classes ? "accuracy" : "rmse");
      document.put("best", best == null ? null : best.score());
      document.put("stop", result.stop().name().toLowerCase(Locale.ROOT));
      document.put("detail", result.detail());
      document.put("seed", seed);
      document.put("history", result.history());
      Json.print(out, document);
      return;
    }
    out.println(result.detail());
    if (best != null) {
      out.printf(
          Locale.ROOT,
          "Kept epoch %d: %s. Wrote %s.%n",
          best.epoch(),
          Listener.score(best, classes),
          output);
    }
  }

  /** Shows how far training is. */
  private static final class Listener implements TrainingListener {
    private final PrintWriter out;
    private final ProgressDisplay progress;
    private final boolean silent;
    private final boolean classes;
    private final int stepsOfEpoch;

    Listener(
        PrintWriter out,
        ProgressDisplay progress,
        boolean silent,
        boolean classes,
        int stepsOfEpoch) {
      this.out = out;
      this.progress = progress;
      this.silent = silent;
      this.classes = classes;
      this.stepsOfEpoch = stepsOfEpoch;
    }

    @Override
    public void onStep(int step, int steps, double loss) {
      int epoch = (step - 1) / stepsOfEpoch + 1;
      progress.report("epoch " + epoch, (step - 1) % stepsOfEpoch + 1, stepsOfEpoch);
    }

    @Override
    public void onEpoch(EpochReport report) {
      if (!silent) {
        out.printf(
            Locale.ROOT,
            "epoch %d: loss %.4f, %s, %.0f samples/s%s%n",
            report.epoch(),
            report.loss(),
            score(report, classes),
            report.samplesPerSecond(),
            report.best() ? "" : " (not better)");
        out.flush();
      }
    }

    static String score(EpochReport report, boolean classes) {
      return classes
          ? String.format(Locale.ROOT, "accuracy %.2f %%", 100 * report.score())
          : String.format(Locale.ROOT, "error %.4g", report.score());
    }
  }
}
