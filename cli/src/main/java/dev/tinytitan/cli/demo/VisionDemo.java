package dev.tinytitan.cli.demo;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.cli.measure.ProfiledEnergy;
import dev.tinytitan.cli.report.CompressionReport;
import dev.tinytitan.cli.samples.ModelData;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.TrainingSamples;
import dev.tinytitan.compress.metric.Metric;
import dev.tinytitan.compress.search.CompressionSearch;
import dev.tinytitan.compress.search.Objective;
import dev.tinytitan.compress.search.SearchData;
import dev.tinytitan.compress.search.SearchListener;
import dev.tinytitan.compress.search.SearchOptions;
import dev.tinytitan.compress.search.SearchResult;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.data.DatasetOptions;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.zoo.Zoo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Trains a small network on images, and looks for the smallest form of it that is as good. */
public final class VisionDemo {
  /** Where the Debian package dataset-fashion-mnist puts its files. */
  private static final Path FASHION =
      Path.of("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz");

  private static final List<String> FASHION_CLASSES =
      List.of(
          "T-shirt",
          "trousers",
          "pullover",
          "dress",
          "coat",
          "sandal",
          "shirt",
          "sneaker",
          "bag",
          "ankle boot");

  private static final String ARCHITECTURE = "lenet5";
  private static final float WHITE = 255;
  private static final long SEED = 1;

  private VisionDemo() {}

  /**
   * How much is done.
   *
   * @param data images with classes
   * @param classNames of the classes; empty for those that the data know
   * @param samples at most so many
   * @param epochs that the network is trained for
   * @param maxDrop percentage points of accuracy that may be lost
   * @param search how long to search
   * @param trials at most so many
   */
  public record Settings(
      Path data,
      List<String> classNames,
      int samples,
      int epochs,
      double maxDrop,
      Duration search,
      int trials) {

    /** Fashion-MNIST where it is installed, else characters made on the spot. */
    public static Settings here() {
      boolean fashion = Files.isReadable(FASHION);
      return new Settings(
          fashion ? FASHION : Path.of("synthetic:glyphs:12000"),
          fashion ? FASHION_CLASSES : List.of(),
          15_000,
          2,
          1,
          Duration.ofSeconds(100),
          100);
    }
  }

  /**
   * What came of it.
   *
   * @param before the network as it was trained
   * @param after the compressed one
   * @param recipe how it was made
   * @param report with plots and examples
   * @param result of the search
   */
  public record Outcome(Path before, Path after, Path recipe, Path report, SearchResult result) {}

  /**
   * Runs the demo.
   *
   * @param folder takes all files; made if it is not there
   * @param progress hears of the training
   * @param listener makes the listener of the search, given its options
   */
  public static Outcome run(
      Path folder,
      Settings settings,
      Progress progress,
      Function<SearchOptions, SearchListener> listener) {
    Model fresh = network(settings);
    ModelData data =
        ModelData.open(
            settings.data(),
            DatasetOptions.DEFAULT,
            WHITE,
            fresh,
            () -> {
              throw new BadDataException("The demo's data hold texts, not images.");
            });
    SearchData parts = SearchData.split(data.samples().first(settings.samples()), SEED);
    Model trained = train(fresh, TrainingSamples.of(parts.training()), settings, progress);
    Path before = SentenceEncoderDemo.createFolder(folder).resolve("vision.onnx");
    trained.save(before);
    SearchOptions options =
        SearchOptions.of(Objective.SIZE, settings.maxDrop(), Metric.accuracy())
            .withEnergy(new ProfiledEnergy())
            .withSeed(SEED)
            .withLimits(settings.search(), settings.trials());
    Path work = folder.resolve("vision.work");
    if (Files.exists(work)) {
      // The network was trained anew: what an earlier demo left is of no use.
      CompressionSearch.removeWork(work);
    }
    SearchResult result =
        new CompressionSearch(options, listener.apply(options)).run(trained, parts, work);
    Path after = folder.resolve("vision-small.onnx");
    Path recipe = folder.resolve("vision-small.recipe.json");
    Path report = folder.resolve("vision.html");
    result.model().save(after);
    result.recipe().save(recipe);
    ModelData named =
        settings.classNames().isEmpty()
            ? data
            : new ModelData(data.samples(), data.targets(), settings.classNames());
    CompressionReport.of(before, after, trained, named, parts, result).save(report);
    CompressionSearch.removeWork(work);
    return new Outcome(before, after, recipe, report, result);
  }

  /** A new network for the data, which standardizes its input by the first samples. */
  private static Model network(Settings settings) {
    try (Dataset data = Dataset.open(settings.data())) {
      int classes =
          1
              + data.labels().stream()
                  .flatMapToInt(labels -> Arrays.stream(labels.toIntArray()))
                  .max()
                  .orElse(0);
      TrainingData.Moments moments =
          TrainingData.unlabelled(Dataset.of(data.samples(0, Math.min(1000, data.size()))))
              .moments();
      return Zoo.build(
          ARCHITECTURE,
          new Zoo.Task(
              Zoo.fitted(ARCHITECTURE, data.sampleShape()),
              classes,
              true,
              moments.mean(),
              moments.deviation()),
          SEED);
    }
  }

  private static Model train(Model fresh, TrainingData data, Settings settings, Progress progress) {
    TrainingOptions options =
        TrainingOptions.of(Loss.crossEntropy()).withEpochs(settings.epochs()).withSeed(SEED);
    try (Trainer trainer = Trainer.of(fresh, options)) {
      return trainer
          .fit(
              data,
              Optional.empty(),
              new TrainingListener() {
                @Override
                public void onStep(int step, int steps, double loss) {
                  progress.report("train the network", step, steps);
                }
              })
          .model();
    }
  }
}
