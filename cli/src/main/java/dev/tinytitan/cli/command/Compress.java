package dev.tinytitan.cli.command;

import dev.tinytitan.Model;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.Interruption;
import dev.tinytitan.cli.measure.ProfiledEnergy;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.ProgressDisplay;
import dev.tinytitan.cli.output.SearchDisplay;
import dev.tinytitan.cli.output.Table;
import dev.tinytitan.cli.output.Units;
import dev.tinytitan.cli.report.CompressionReport;
import dev.tinytitan.cli.samples.ModelData;
import dev.tinytitan.compress.ArchiveSize;
import dev.tinytitan.compress.SampleCheck;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.TrainingSamples;
import dev.tinytitan.compress.metric.Metric;
import dev.tinytitan.compress.metric.Scoring;
import dev.tinytitan.compress.search.CompressionSearch;
import dev.tinytitan.compress.search.Objective;
import dev.tinytitan.compress.search.Origin;
import dev.tinytitan.compress.search.Recipe;
import dev.tinytitan.compress.search.Score;
import dev.tinytitan.compress.search.SearchData;
import dev.tinytitan.compress.search.SearchOptions;
import dev.tinytitan.compress.search.SearchPlan;
import dev.tinytitan.compress.search.SearchResult;
import dev.tinytitan.edge.elastic.ElasticModel;
import dev.tinytitan.edge.elastic.ElasticOptions;
import dev.tinytitan.edge.elastic.ElasticPoint;
import dev.tinytitan.edge.elastic.ElasticTrainer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code titan compress}: the best model within a budget of accuracy. */
@Command(
    name = "compress",
    description = {
      "Looks for the smallest, fastest or thriftiest model that loses at most --max-drop: tries"
          + " recipes of pruning, training and quantization, measures each on this machine, and"
          + " judges the best on a part of the data that the search never saw.",
      "The data are split by group into a part to train and calibrate with, one to choose by and one"
          + " to judge by. The result is standard ONNX, with the recipe beside it; --recipe makes"
          + " the same file again.",
      "Work is kept in OUT.work until the search is done: after a kill, the same command goes on."
          + " Ctrl-C ends the search with the best so far."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan compress classifier.onnx --data train.npz -o small.onnx --max-drop 0.5%%",
      "  titan compress model.onnx --data images/ -o fast.onnx --minimize latency --minutes 20",
      "  titan compress model.onnx --data ecg.npz --groups patient -o small.onnx --report r.html",
      "  titan compress classifier.onnx --data train.npz -o again.onnx --recipe small.recipe.json",
      "  titan compress classifier.onnx --data train.npz -o small.onnx --dry-run"
    })
public final class Compress implements Callable<Integer> {
  @Option(
      names = "--point-estimate",
      description = "Hold the budget by the mean drop alone, not at 95 %% confidence.")
  private boolean pointEstimate;

  @Option(
      names = "--minimize",
      paramLabel = "WHAT",
      converter = Converters.ObjectiveConverter.class,
      description = "size, latency or energy (default: size).")
  private Objective objective = Objective.SIZE;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "How long to search (default: ${DEFAULT-VALUE}).")
  private double minutes = 10;

  @Option(
      names = "--trials",
      paramLabel = "N",
      description = "How many recipes to try at most (default: ${DEFAULT-VALUE}).")
  private int trials = 100;

  @Option(
      names = "--eval-samples",
      paramLabel = "N",
      description = {
        "At most so many samples to choose by, and so many to judge by (default:"
            + " ${DEFAULT-VALUE})."
      })
  private int mostEvaluated = 10_000;

  @Option(
      names = "--judge-data",
      paramLabel = "DATA",
      description = "Judge by these data, not by a part of --data.")
  private @Nullable Path judgeData;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = {
        "Threads of training and judging (default: the processors, up to 4). Latency is that of"
            + " one."
      })
  private int threads = Math.min(4, Runtime.getRuntime().availableProcessors());

  @Option(
      names = "--elastic",
      description = {
        "Do not search: make a classifier of many operating points, for titan adapt, and train it."
      })
  private boolean elastic;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Epochs of training with --elastic (default: ${DEFAULT-VALUE}).")
  private int epochs = 10;

  @Option(
      names = "--recipe",
      paramLabel = "FILE",
      description = "Do not search: take the steps of this recipe.")
  private @Nullable Path recipe;

  @Option(
      names = "--teacher",
      paramLabel = "TEACHER",
      description = {
        "With --recipe: steps that train do so by the answers of this model (default: those of"
            + " MODEL)."
      })
  private @Nullable Path teacher;

  @Option(
      names = "--dry-run",
      description = {
        "Say what would be done, with estimates of size and time: the parts of the data, the budget,"
            + " the recipes that are tried first. Nothing is written."
      })
  private boolean dryRun;

  @Option(
      names = "--keep-work",
      description = "Keep OUT.work with all trials, so that a longer search can go on from it.")
  private boolean keepsWork;

  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description = "Write a report to open in a browser.")
  private @Nullable Path report;

  @Mixin private BudgetOptions budget = new BudgetOptions();
  @Mixin private TransformOptions models = new TransformOptions();
  @Mixin private DataOptions data = new DataOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public Compress() {}

  @Override
  public Integer call() {
    budget.check();
    TransformOptions.requirePositive("--trials", trials);
    TransformOptions.requirePositive("--threads", threads);
    TransformOptions.requirePositive("--eval-samples", mostEvaluated);
    if (!(minutes > 0 && minutes < 1e6)) {
      throw new CommandFailure("--minutes must be more than 0, not " + minutes + ".");
    }
    if (teacher != null && recipe == null) {
      throw new CommandFailure("--teacher goes with --recipe: a search learns from MODEL.");
    }
    Path file = recipe;
    Recipe steps = file == null ? null : Recipe.load(file);
    if (dryRun && (elastic || recipe != null)) {
      throw new CommandFailure("--dry-run is for searches: leave --recipe and --elastic out.");
    }
    TransformOptions.requireWritable(models.output, recipeFile(), report);
    Model model = Model.load(models.file);
    ModelData samples = data.openChecked(model, false, spec.commandLine().getErr());
    SearchData parts = parts(model, samples, steps);
    if (elastic) {
      return makeElastic(model, parts);
    }
    if (dryRun) {
      return plan(model, parts);
    }
    return steps == null ? search(model, samples, parts) : repeat(model, parts, steps);
  }

  private SearchData parts(Model model, ModelData given, @Nullable Recipe steps) {
    Samples judging = Samples.none();
    if (judgeData != null) {
      judging = data.open(judgeData, model).samples();
      SampleCheck.of(model).add(judging);
    }
    long seed = steps == null ? models.seed : steps.seed();
    SearchData parts;
    if (steps != null && steps.trainingShare().isPresent()) {
      double share = steps.trainingShare().getAsDouble();
      parts = SearchData.forRecipe(given.samples(), share, judging, seed);
    } else if (judging.size() == 0) {
      parts = SearchData.split(given.samples(), seed);
    } else {
      parts = SearchData.split(given.samples(), judging, seed);
    }
    return parts.withMostEvaluated(mostEvaluated);
  }

  // Searching.

  private int search(Model model, ModelData samples, SearchData parts) {
    SearchOptions options = options(model, parts);
    Path work = models.output.resolveSibling(models.output.getFileName() + ".work");
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    SearchResult result;
    try (Interruption interruption = Interruption.listen();
        ProgressDisplay progress = new ProgressDisplay(err, common.json)) {
      SearchDisplay display =
          new SearchDisplay(
              common.json ? new PrintWriter(Writer.nullWriter()) : out,
              err,
              progress,
              options,
              interruption);
      if (!common.json) {
        out.println(split(parts));
        if (Files.isDirectory(work)) {
          out.println("Goes on from " + work + ".");
        }
        out.flush();
      }
      result = new CompressionSearch(options, display).run(model, parts, work);
      if (result.verdict() != SearchResult.Verdict.NOTHING) {
        result.model().save(models.output);
        result.recipe().save(recipeFile());
      }
      if (report != null) {
        CompressionReport.of(models.file, models.output, model, samples, parts, result)
            .save(report);
      }
      if (!keepsWork && !interruption.isRequested()) {
        CompressionSearch.removeWork(work);
      }
      if (common.json) {
        Json.print(out, CompressionJson.of(models.file, models.output, recipeFile(), result));
      } else {
        display.summary(result, models.output, recipeFile(), report);
        if (interruption.isRequested()) {
          out.println("stopped:  the same command goes on from " + work);
        }
      }
      out.flush();
    }
    return result.verdict() == SearchResult.Verdict.HOLDS ? 0 : 1;
  }

  private int plan(Model model, SearchData parts) {
    SearchOptions options = options(model, parts);
    SearchPlan plan = SearchPlan.of(model, parts, options);
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      Json.print(out, CompressionJson.of(models.file, options, parts, plan));
      out.flush();
      return 0;
    }
    plan.warnings().forEach(warning -> DataOptions.note(spec.commandLine().getErr(), warning));
    Metric metric = options.metric();
    out.println(split(parts));
    out.println(
        String.format(
            Locale.ROOT,
            "budget:   %s may be worse by %.4g %s%s; the original has %s on %d samples",
            metric.name(),
            options.maxDrop(),
            metric.unit(),
            pointEstimate ? "" : ", at 95 % confidence",
            metric.format(plan.before()),
            plan.scored()));
    out.println(
        String.format(
            Locale.ROOT,
            "original: %s, %s multiply-adds; to be made small: %s",
            Units.bytes(plan.footprint().bytes()),
            Units.count(plan.footprint().multiplyAdds()),
            objective.label()));
    out.println();
    out.println("What is tried first; what comes then depends on it:");
    Table table = new Table("recipe", "file, about>", "multiply-adds>", "takes about>");
    double seconds = 0;
    for (SearchPlan.Candidate candidate : plan.first()) {
      seconds += candidate.seconds();
      table.row(
          Recipe.label(candidate.steps()),
          Units.bytes(candidate.bytes()),
          Units.count(candidate.multiplyAdds()),
          String.format(Locale.ROOT, "%.0f s", Math.ceil(candidate.seconds())));
    }
    table.print(out);
    out.println();
    out.println(
        String.format(
            Locale.ROOT,
            "These take about %.1f minutes; the search ends after %s minutes or %d trials. Nothing was"
                + " written.",
            seconds / 60,
            minutes % 1 == 0 ? String.valueOf((long) minutes) : String.valueOf(minutes),
            trials));
    out.flush();
    return 0;
  }

  private static String split(SearchData parts) {
    return parts.training().size()
        + " samples to train and calibrate with, "
        + parts.validation().size()
        + " to choose by, "
        + parts.judging().size()
        + " to judge by";
  }

  private SearchOptions options(Model model, SearchData parts) {
    Metric metric = budget.metric(model, parts.training().get(0));
    double allowed =
        budget.budget(metric, () -> Scoring.score(model, metric, parts.validation(), threads));
    return SearchOptions.of(objective, allowed, metric)
        .withPointEstimate(pointEstimate)
        .withLimits(Duration.ofMillis(Math.round(60_000 * minutes)), trials)
        .withSeed(models.seed)
        .withEnergy(new ProfiledEnergy())
        .withThreads(threads)
        .withExclude(models.exclude)
        .withArchive(models.output.toString().toLowerCase(Locale.ROOT).endsWith(".zip"));
  }

  /** {@code small.onnx} has its recipe in {@code small.recipe.json}. */
  private Path recipeFile() {
    String name = String.valueOf(models.output.getFileName());
    String stem = name.replaceFirst("(?i)(\\.onnx)?(\\.zip)?$", "");
    return models.output.resolveSibling(stem + ".recipe.json");
  }

  // Many operating points.

  private int makeElastic(Model model, SearchData parts) {
    TransformOptions.requirePositive("--epochs", epochs);
    if (!parts.isLabelled()) {
      throw new CommandFailure("--elastic is for classifiers: the data need labels.");
    }
    ElasticOptions options =
        ElasticOptions.defaults()
            .withTraining(
                TrainingOptions.of(Loss.crossEntropy())
                    .withEpochs(epochs)
                    .withSeed(models.seed)
                    .withThreads(threads));
    ElasticModel made;
    try (Interruption interruption = Interruption.listen()) {
      try (ProgressDisplay progress =
          new ProgressDisplay(spec.commandLine().getErr(), common.json)) {
        TrainingListener listener =
            new TrainingListener() {
              @Override
              public void onStep(int step, int steps, double loss) {
                progress.report("training", step, steps);
              }

              @Override
              public boolean stops() {
                return interruption.isRequested();
              }
            };
        made =
            new ElasticTrainer(options)
                .train(
                    model,
                    TrainingSamples.of(parts.training()),
                    TrainingSamples.of(parts.validation()),
                    listener);
      }
      made.save(models.output);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("model", models.output.toString());
      result.put("manifest", ElasticModel.manifestOf(models.output).toString());
      result.put("points", made.points());
      Json.print(out, result);
    } else {
      Table table = new Table("point", "accuracy>", "multiply-adds>", "weights>");
      for (ElasticPoint point : made.points()) {
        table.row(
            point.name(),
            String.format(Locale.ROOT, "%.2f %%", 100 * point.point().accuracy()),
            Units.count(point.point().multiplyAdds()),
            Units.bytes(point.point().weightBytes()));
      }
      table.print(out);
      out.println("written:  " + models.output + ", " + ElasticModel.manifestOf(models.output));
    }
    out.flush();
    return 0;
  }

  // Repeating.

  private int repeat(Model model, SearchData parts, Recipe steps) {
    PrintWriter out = spec.commandLine().getOut();
    List<String> differences =
        steps
            .origin()
            .map(origin -> origin.differences(Origin.here(model, parts)))
            .orElse(List.of());
    if (!differences.isEmpty()) {
      spec.commandLine()
          .getErr()
          .println(
              "The file may differ from the recipe's: " + String.join("; ", differences) + ".");
    }
    Model small;
    try (ProgressDisplay progress = new ProgressDisplay(spec.commandLine().getErr(), common.json)) {
      Model answering = teacher == null ? model : Model.load(teacher);
      small = CompressionSearch.apply(steps, model, answering, parts, threads, progress);
    }
    small.save(models.output);
    Metric metric = budget.metric(model, parts.training().get(0));
    Score judged = CompressionSearch.judge(model, small, parts, metric, threads);
    if (common.json) {
      Json.print(out, CompressionJson.of(models.file, models.output, steps, differences, judged));
    } else {
      out.println("recipe:   " + steps.words());
      out.println(
          "size:     "
              + Units.bytes(model.toBytes().length)
              + " to "
              + Units.bytes(small.toBytes().length)
              + ", in an archive "
              + Units.bytes(ArchiveSize.of(model))
              + " to "
              + Units.bytes(ArchiveSize.of(small)));
      out.println(
          String.format(
              Locale.ROOT,
              "judged:   %s %s, before %s, on %d samples that no step saw; the drop is at most"
                  + " %.4f %s (95 %%)",
              metric.name(),
              metric.format(judged.after()),
              metric.format(judged.before()),
              judged.samples(),
              judged.bound(),
              metric.unit()));
      out.println("written:  " + models.output);
    }
    out.flush();
    return 0;
  }
}
