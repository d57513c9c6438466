package dev.tinytitan.cli.command;

import dev.tinytitan.Model;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.Interruption;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.ProgressDisplay;
import dev.tinytitan.cli.output.TrainingDisplay;
import dev.tinytitan.cli.output.Units;
import dev.tinytitan.compress.report.TrainingReport;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.data.Split;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.EpochReport;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.TrainingResult;
import dev.tinytitan.train.zoo.Zoo;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
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
          + " kept. The same seed gives the same model, at any number of threads.",
      "The state is kept in OUT.checkpoint until training is done: after a kill, the same command"
          + " goes on. Ctrl-C ends training with the best so far."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan train --arch resnet8 --data train-images-idx3-ubyte.gz -o fashion.onnx",
      "  titan train --arch cnn-1d --data ecg.npz --groups patient --epochs 20 -o ecg.onnx",
      "  titan train model.onnx --data new.npz --lr 1e-4 --epochs 3 -o tuned.onnx"
    })
public final class Train implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", arity = "0..1", description = "An ONNX file to go on from.")
  private @Nullable Path file;

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      description =
          "A new network: mlp, lenet300, lenet5, ds-cnn, resnet8, mobilenet, cnn-1d, tcn…")
  private @Nullable String architecture;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      required = true,
      description = "The ONNX file to write.")
  private Path output = Path.of("");

  @Mixin private DataSource data = new DataSource();
  @Mixin private TrainOptions training = new TrainOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public Train() {}

  @Override
  public Integer call() throws IOException {
    if ((file == null) == (architecture == null)) {
      throw new CommandFailure("Give either a MODEL to go on from, or --arch NAME.");
    }
    training.check();
    TransformOptions.requireWritable(output, training.report);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try (Dataset samples = data.open()) {
      TrainingData all = TrainingData.of(samples);
      TrainOptions.requireTwoClasses(all);
      Split split = Split.of(samples, training.heldBack, training.seed);
      TrainingData train = all.select(split.train());
      Model model = file != null ? Model.load(file) : fresh(train, samples.sampleShape(), all, err);
      Path checkpoint =
          training.checkpoint == null
              ? output.resolveSibling(output.getFileName() + ".checkpoint")
              : training.checkpoint;
      TrainingOptions options = training.options(all, all.hasClasses()).withCheckpoint(checkpoint);
      try (Interruption interruption = Interruption.listen();
          Trainer trainer = Trainer.of(model, options)) {
        trainer.requireFits(all);
        if (!common.json) {
          out.println(
              TrainOptions.summary(
                  split,
                  trainer.parameterCount(),
                  "; " + Units.bytes(trainer.byteSize()) + " of memory"));
          if (Files.exists(checkpoint)) {
            out.println("Goes on from " + checkpoint + ".");
          }
          out.flush();
        }
        TrainingResult result;
        String measure = all.hasClasses() ? "accuracy" : "error";
        try (ProgressDisplay progress = new ProgressDisplay(err, common.json)) {
          TrainingDisplay display =
              new TrainingDisplay(
                  out,
                  progress,
                  common.json,
                  measure,
                  all.hasClasses(),
                  train.size() / training.batch,
                  interruption::isRequested);
          result = trainer.fit(train, Optional.of(all.select(split.heldBack())), display);
        }
        TrainOptions.requireLearned(result);
        result.model().save(output);
        if (training.report != null) {
          TrainingReport.of(
                  new TrainingReport.Facts(
                      String.valueOf(output.getFileName()),
                      "Trained on "
                          + split.train().length
                          + " samples, judged by "
                          + split.heldBack().length
                          + " others.",
                      measure,
                      all.hasClasses(),
                      OptionalDouble.empty(),
                      trainer.parameterCount()),
                  options,
                  result)
              .save(training.report);
        }
        if (training.checkpoint == null && result.stop() != TrainingResult.Stop.INTERRUPTED) {
          Files.deleteIfExists(checkpoint);
        }
        print(out, result, trainer, all.hasClasses());
        out.flush();
        return TrainOptions.verdict(result, err);
      }
    }
  }

  private Model fresh(TrainingData train, Shape sample, TrainingData all, PrintWriter err) {
    String name = String.valueOf(architecture);
    TrainOptions.requireArchitecture(name);
    int outputs =
        all.hasClasses() ? TrainOptions.classes(all, err) : all.targets().length / all.size();
    TrainingData.Moments moments = train.moments();
    return Zoo.build(
        name,
        new Zoo.Task(
            Zoo.fitted(name, sample),
            outputs,
            all.hasClasses(),
            moments.mean(),
            moments.deviation()),
        training.seed);
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
      document.put("seed", training.seed);
      document.put("history", result.history());
      Json.print(out, document);
      return;
    }
    if (result.stop() != TrainingResult.Stop.DIVERGED) {
      out.println(result.detail());
    }
    if (result.stop() == TrainingResult.Stop.INTERRUPTED && !result.history().isEmpty()) {
      out.println(
          "The same command goes on behind epoch " + result.history().getLast().epoch() + ".");
    }
    if (best == null) {
      out.printf(Locale.ROOT, "Wrote %s as it was then, unjudged.%n", output);
    } else {
      out.printf(
          Locale.ROOT,
          "Kept epoch %d: %s. Wrote %s.%n",
          best.epoch(),
          classes
              ? String.format(Locale.ROOT, "accuracy %.2f %%", 100 * best.score())
              : String.format(Locale.ROOT, "error %.4g", best.score()),
          output);
    }
  }
}
