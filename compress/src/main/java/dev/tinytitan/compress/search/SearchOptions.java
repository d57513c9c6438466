package dev.tinytitan.compress.search;

import dev.tinytitan.compress.measure.EstimatedEnergy;
import dev.tinytitan.compress.measure.RunEnergy;
import dev.tinytitan.compress.metric.Metric;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a search looks for, and how long. Immutable; each {@code with…} method gives a changed copy.
 *
 * @param objective what is made small
 * @param maxDrop how much worse the result may be, in the metric's unit
 * @param pointEstimate whether the budget is held by the mean alone, and not at 95 % confidence
 * @param metric what the budget is about
 * @param time how long the search may take
 * @param trials how many recipes it tries at most
 * @param seed of all chance
 * @param threads the most that a run or a training step uses
 * @param archive whether size is that of a zip archive
 * @param exclude names of nodes, or patterns, that are neither pruned nor quantized
 * @param energy says what a run takes
 * @param measuring how long each model is timed in a trial, and as long warmed up; the result is
 *     timed three times as long
 */
public record SearchOptions(
    Objective objective,
    double maxDrop,
    boolean pointEstimate,
    Metric metric,
    Duration time,
    int trials,
    long seed,
    int threads,
    boolean archive,
    List<String> exclude,
    RunEnergy energy,
    Duration measuring) {

  /** Costs whose ratio is below this are as good as equal. */
  private static final double EQUAL = 1.02;

  public SearchOptions {
    exclude = List.copyOf(exclude);
    if (!(maxDrop >= 0) || trials < 1 || threads < 1 || time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException(
          "a drop of " + maxDrop + ", " + trials + " trials, " + threads + " threads, " + time);
    }
  }

  /** The components while they are set; {@link #build} checks them. */
  private static final class Draft {
    private final Objective objective;
    private final double maxDrop;
    private final Metric metric;
    private boolean pointEstimate;
    private Duration time = Duration.ofMinutes(10);
    private int trials = 100;
    private long seed = 1;
    private int threads = Math.min(4, Runtime.getRuntime().availableProcessors());
    private boolean archive;
    private List<String> exclude = List.of();
    private RunEnergy energy = new EstimatedEnergy();
    private Duration measuring = Duration.ofMillis(300);

    Draft(Objective objective, double maxDrop, Metric metric) {
      this.objective = objective;
      this.maxDrop = maxDrop;
      this.metric = metric;
    }

    Draft(SearchOptions options) {
      this(options.objective, options.maxDrop, options.metric);
      this.pointEstimate = options.pointEstimate;
      this.time = options.time;
      this.trials = options.trials;
      this.seed = options.seed;
      this.threads = options.threads;
      this.archive = options.archive;
      this.exclude = options.exclude;
      this.energy = options.energy;
      this.measuring = options.measuring;
    }

    SearchOptions build() {
      return new SearchOptions(
          objective,
          maxDrop,
          pointEstimate,
          metric,
          time,
          trials,
          seed,
          threads,
          archive,
          exclude,
          energy,
          measuring);
    }
  }

  private SearchOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.build();
  }

  /** All else at its default: ten minutes, a hundred trials. */
  public static SearchOptions of(Objective objective, double maxDrop, Metric metric) {
    return new Draft(objective, maxDrop, metric).build();
  }

  /** The same with a budget that is held by the mean alone. */
  public SearchOptions withPointEstimate(boolean value) {
    return with(draft -> draft.pointEstimate = value);
  }

  /** The same with other limits of time and trials. */
  public SearchOptions withLimits(Duration most, int count) {
    return with(draft -> {
      draft.time = most;
      draft.trials = count;
    });
  }

  /** The same with another seed. */
  public SearchOptions withSeed(long value) {
    return with(draft -> draft.seed = value);
  }

  /** The same with another number of threads. */
  public SearchOptions withThreads(int value) {
    return with(draft -> draft.threads = value);
  }

  /** The same with the size of an archive, or of the plain file, as size. */
  public SearchOptions withArchive(boolean value) {
    return with(draft -> draft.archive = value);
  }

  /** The same with nodes that stay as they are. */
  public SearchOptions withExclude(List<String> names) {
    return with(draft -> draft.exclude = names);
  }

  /** The same with another judge of energy. */
  public SearchOptions withEnergy(RunEnergy value) {
    return with(draft -> draft.energy = value);
  }

  /** The same with models that are timed for longer or shorter. */
  public SearchOptions withMeasuring(Duration value) {
    return with(draft -> draft.measuring = value);
  }

  /** What a model costs, as far as this search is concerned. */
  double cost(Figures figures) {
    return figures.of(objective, archive);
  }

  /** The cheaper first; of those whose costs are within about two per cent, the faster. */
  Comparator<Figures> cheaperFirst() {
    return Comparator.<Figures>comparingLong(figures ->
            Math.round(Math.log(Math.max(cost(figures), Double.MIN_NORMAL)) / Math.log(EQUAL)))
        .thenComparingDouble(Figures::latencyRatio);
  }

  /** The drop that the budget is compared with. */
  double judged(Score score) {
    return pointEstimate ? score.drop() : score.bound();
  }

  /** What can be expected on the judging part. */
  double expected(Score score) {
    return pointEstimate ? score.drop() : score.expectedBound();
  }
}
