package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.TitanException;
import dev.tinytitan.compress.ArchiveSize;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.measure.LatencyMeter;
import dev.tinytitan.compress.metric.Metric;
import dev.tinytitan.compress.prune.Footprint;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the best model within a budget of accuracy: tries recipes, measures each, keeps what no
 * other beats, and judges the best on data that it never saw.
 *
 * <pre>{@code
 * SearchOptions options = SearchOptions.of(Objective.SIZE, 0.5, Metric.accuracy());
 * SearchResult result =
 *     new CompressionSearch(options, SearchListener.SILENT)
 *         .run(model, SearchData.split(samples, 1), Path.of("small.onnx.work"));
 * result.model().save(Path.of("small.onnx"));
 * }</pre>
 *
 * <p>Which recipes are tried depends on the seed and on what is measured; a recipe itself gives the
 * same model each time. Immutable; a run uses the calling thread.
 */
public final class CompressionSearch {
  /** How much longer the result is timed than a trial. */
  private static final int THOROUGH = 3;

  /** Validation samples after which hopeless candidates are given up. */
  private static final int SCREENED = 400;

  /** How much more than the budget may be lost on them, as a share of a perfect score. */
  private static final double HOPELESS = 0.25;

  /** The part of the time that is kept for judging. */
  private static final double RESERVE = 0.08;

  private final SearchOptions options;
  private final SearchListener listener;

  /** A search that tells a listener how far it is. */
  public CompressionSearch(SearchOptions options, SearchListener listener) {
    this.options = options;
    this.listener = listener;
  }

  /**
   * Searches.
   *
   * @param work a folder to keep trials in, made if it is not there; a search that was killed goes
   *     on from it. It is left to the caller to remove it ({@link #removeWork})
   * @throws dev.tinytitan.BadDataException if the data do not fit the model, or the folder is of
   *     another search
   * @throws dev.tinytitan.OverBudgetException if no model could be shown to hold the budget on so
   *     few samples
   */
  public SearchResult run(Model model, SearchData data, Path work) {
    long start = System.nanoTime();
    List<String> warnings = DataCheck.check(model, data, options);
    warnings.forEach(listener::onWarning);
    Origin origin = Origin.here(model, data);
    Journal journal =
        Journal.open(
            work,
            String.join(
                " ",
                origin.toString(),
                options.metric().name(),
                options.exclude().toString(),
                Long.toString(options.seed())));
    Map<String, Tensor> inputs = data.validation().get(0).inputs();
    try (LatencyMeter meter = new LatencyMeter(model, inputs, options.measuring())) {
      Run run = new Run(model, data, origin, journal, meter, inputs, warnings, start);
      return run.search();
    }
  }

  /**
   * Runs one recipe.
   *
   * @return the model that it gives
   * @throws dev.tinytitan.TitanException if a step refuses the model or the data
   */
  public static Model apply(Recipe recipe, Model model, SearchData data, int threads) {
    return apply(recipe, model, model, data, threads, Progress.NONE);
  }

  /**
   * Runs one recipe.
   *
   * @param teacher whose answers steps train by; the model itself, or a better one
   * @param progress is told how far it is
   * @return the model that it gives
   * @throws dev.tinytitan.TitanException if a step refuses the models or the data
   */
  public static Model apply(
      Recipe recipe, Model model, Model teacher, SearchData data, int threads, Progress progress) {
    StepContext context =
        new StepContext(model, teacher, data, recipe.seed(), threads, progress, () -> false);
    return new RecipeRunner(context, Optional.empty()).run(recipe.steps());
  }

  /** Scores a model against the original, on the part of the data to judge by. */
  public static Score judge(
      Model original, Model candidate, SearchData data, Metric metric, int threads) {
    return new Scorer(original, metric, data.judging(), threads, data.judging().size())
        .score(candidate);
  }

  /**
   * Removes the folder of a search that is done, and all that is in it.
   *
   * @throws dev.tinytitan.BadDataException if it is no such folder, or cannot be removed
   */
  public static void removeWork(Path work) {
    Journal.remove(work);
  }

  /** One search. */
  private final class Run {
    private final Model original;
    private final SearchData data;
    private final Origin origin;
    private final Journal journal;
    private final LatencyMeter meter;
    private final Map<String, Tensor> inputs;
    private final List<String> warnings;
    private final long start;
    private final RecipeRunner runner;
    private final Scorer scorer;
    private final Figures originalFigures;
    private final List<Trial> trials;

    Run(
        Model original,
        SearchData data,
        Origin origin,
        Journal journal,
        LatencyMeter meter,
        Map<String, Tensor> inputs,
        List<String> warnings,
        long start) {
      this.original = original;
      this.data = data;
      this.origin = origin;
      this.journal = journal;
      this.meter = meter;
      this.inputs = inputs;
      this.warnings = warnings;
      this.start = start;
      StepContext context =
          new StepContext(
              original, original, data, options.seed(), options.threads(), listener, this::ends);
      this.runner = new RecipeRunner(context, Optional.of(journal.stages()));
      this.scorer =
          new Scorer(
              original,
              options.metric(),
              data.validation(),
              options.threads(),
              data.judging().size());
      LatencyMeter.Latency latency = meter.measure(original);
      this.originalFigures =
          figures(
              original, new LatencyMeter.Latency(latency.originalNanos(), latency.originalNanos()));
      this.trials = new ArrayList<>(journal.trials());
      trials.forEach(listener::onTrial);
    }

    SearchResult search() {
      Proposer proposer = new Proposer(Traits.of(original, data, options.threads()), options);
      while (trials.size() < options.trials() && !ends()) {
        Optional<List<Step>> steps = proposer.next(trials, secondsLeft());
        if (steps.isEmpty() || !isDone(steps.get())) {
          break;
        }
      }
      return result(
          new Choice(options, originalFigures, trials, this::judge, this::confirm).choose());
    }

    private double secondsLeft() {
      return options.time().toNanos() / 1e9 * (1 - RESERVE) - (System.nanoTime() - start) / 1e9;
    }

    private boolean ends() {
      return listener.stops() || secondsLeft() <= 0;
    }

    /** Tries a recipe; false if there was no time to finish it. */
    private boolean isDone(List<Step> steps) {
      int number = trials.size() + 1;
      listener.onBegin(number, recipe(steps));
      long begin = System.nanoTime();
      Trial trial;
      Model model = null;
      try {
        model = runner.run(steps);
        trial = measured(number, steps, model, begin);
      } catch (InterruptedSearchException stopped) {
        return false;
      } catch (TitanException error) {
        trial =
            new Trial(
                number,
                steps,
                Trial.Status.FAILED,
                String.valueOf(error.getMessage()),
                null,
                null,
                (System.nanoTime() - begin) / 1e9);
      }
      journal.add(trial, trial.measured().isPresent() ? model : null);
      trials.add(trial);
      listener.onTrial(trial);
      return true;
    }

    private Trial measured(int number, List<Step> steps, Model model, long begin) {
      Score screened = scorer.score(model, SCREENED);
      double whole = options.metric().scale(screened.before());
      boolean hopeless = screened.drop() > options.maxDrop() + HOPELESS * whole;
      return new Trial(
          number,
          steps,
          hopeless ? Trial.Status.HOPELESS : Trial.Status.MEASURED,
          hopeless
              ? "given up after "
                  + screened.samples()
                  + " validation samples: "
                  + Numbers.plain(screened.drop())
                  + " "
                  + options.metric().unit()
                  + " lost"
              : "",
          hopeless ? screened : scorer.score(model),
          hopeless ? null : figures(model, meter.measure(model)),
          (System.nanoTime() - begin) / 1e9);
    }

    private Figures figures(Model model, LatencyMeter.Latency latency) {
      Map<String, Shape> shapes = new HashMap<>();
      inputs.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
      Footprint footprint = Footprint.of(model, shapes);
      return new Figures(
          footprint.bytes(),
          ArchiveSize.of(model),
          footprint.multiplyAdds(),
          footprint.parameters(),
          latency.candidateNanos(),
          latency.ratio(),
          options.energy().joules(model, inputs, latency.candidateNanos()));
    }

    private Recipe recipe(List<Step> steps) {
      return Recipe.of(options.seed(), steps.toArray(Step[]::new)).withOrigin(origin);
    }

    // In the end.

    private @Nullable Scorer judge;

    private Score judge(Optional<Trial> trial) {
      if (judge == null) {
        judge =
            new Scorer(
                original,
                options.metric(),
                data.judging(),
                options.threads(),
                data.judging().size());
      }
      return trial.isEmpty() ? judge.original() : judge.score(journal.model(trial.get()));
    }

    /** Measures once more, longer. */
    private Figures confirm(Trial trial) {
      Model model = journal.model(trial);
      try (LatencyMeter thorough =
          new LatencyMeter(original, inputs, options.measuring().multipliedBy(THOROUGH))) {
        return figures(model, thorough.measure(model));
      }
    }

    private SearchResult result(Choice.Outcome outcome) {
      return new SearchResult(
          outcome.verdict(),
          outcome.reason(),
          outcome.trial().map(journal::model).orElse(original),
          recipe(outcome.trial().map(Trial::steps).orElse(List.of())),
          outcome.trial(),
          outcome.judged(),
          originalFigures,
          scorer.original(),
          outcome.figures(),
          trials,
          outcome.front(),
          warnings,
          options,
          (System.nanoTime() - start) / 1e9);
    }
  }
}
