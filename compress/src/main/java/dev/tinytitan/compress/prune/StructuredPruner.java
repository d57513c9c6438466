package dev.tinytitan.compress.prune;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.compress.FineTuning;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.Exclusion;
import dev.tinytitan.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * Makes a model smaller by taking channels, neurons and heads out of it.
 *
 * <pre>{@code
 * StructuredOptions options = StructuredOptions.of(Target.multiplyAdds(0.5));
 * StructuredResult result = new StructuredPruner(options).prune(model, samples);
 * result.model().save(Path.of("pruned.onnx"));
 * }</pre>
 *
 * <p>The result loses accuracy until it is trained on. The same model, samples and options give the
 * same model. Immutable and safe for use by many threads.
 */
public final class StructuredPruner {
  private static final List<Double> TRIED_SHARES = List.of(0.125, 0.25, 0.5, 0.75);

  /** Halvings of the interval in which a measured target is looked for. */
  private static final int MEASURED_TRIES = 6;

  private final StructuredOptions options;
  private final Progress progress;
  private final Optional<FineTuning> training;

  /** A pruner that tells nobody how far it is. */
  public StructuredPruner(StructuredOptions options) {
    this(options, Progress.NONE);
  }

  /** A pruner that reports its progress. */
  public StructuredPruner(StructuredOptions options, Progress progress) {
    this(options, progress, Optional.empty());
  }

  private StructuredPruner(
      StructuredOptions options, Progress progress, Optional<FineTuning> training) {
    this.options = options;
    this.progress = progress;
    this.training = training;
  }

  /** The same, training the model on after it was cut. */
  public StructuredPruner withTraining(FineTuning value) {
    return new StructuredPruner(options, progress, Optional.of(value));
  }

  /** One run: the model, and what is known of it. */
  private record Run(
      Model model,
      Map<String, Shape> shapes,
      DependencyGraph dependencies,
      List<Ranking> rankings,
      Map<String, Sensitivity> sensitivities) {

    Allocation allocation() {
      return new Allocation(rankings, sensitivities, new ChannelCosts(dependencies.scope()));
    }
  }

  /**
   * Prunes by weights alone.
   *
   * @throws BadDataException if nothing can be pruned, or the criterion needs samples
   */
  public StructuredResult prune(Model model) {
    return prune(model, Samples.none());
  }

  /**
   * Prunes, judging units by a half of the samples and the result by the other.
   *
   * @throws BadDataException if nothing can be pruned, a name to exclude is unknown, or a sample
   *     does not fit the model
   */
  public StructuredResult prune(Model model, Samples samples) {
    List<Samples> parts = samples.split(0.5, options.seed());
    return samples.size() == 1
        ? prune(model, samples, samples)
        : prune(model, parts.get(0), parts.get(1));
  }

  /**
   * Prunes.
   *
   * @param calibration samples to judge units by; no labels are needed
   * @param evaluation samples to judge the result by; none of them should be among the others
   * @throws BadDataException if nothing can be pruned, a name to exclude is unknown, or a sample
   *     does not fit the model
   */
  public StructuredResult prune(Model model, Samples calibration, Samples evaluation) {
    Samples used = calibration.first(options.mostSamples());
    Map<String, Shape> shapes = new HashMap<>();
    if (used.size() > 0) {
      used.get(0).inputs().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    }
    DependencyGraph dependencies = DependencyGraph.of(model.graph(), shapes);
    Importance importance = importance(model, dependencies, used);
    List<Ranking> rankings = rankings(dependencies, importance);
    Optional<OutputError> error =
        used.size() == 0
            ? Optional.empty()
            : Optional.of(new OutputError(model.graph(), model.info(), used, options.threads()));
    Map<String, Sensitivity> sensitivities = new LinkedHashMap<>();
    if (error.isPresent()
        && options.sensitivity()
        && !(options.target() instanceof Target.Amount)) {
      for (Ranking ranking : rankings) {
        sensitivities.put(ranking.group().name(), sensitivity(dependencies, ranking, error.get()));
        progress.report("sensitivity", sensitivities.size(), rankings.size());
      }
    }
    Run run = new Run(model, shapes, dependencies, rankings, sensitivities);
    Outcome outcome = allocate(run);
    Model cut = cut(run, outcome.allocation());
    Model pruned = training.map(value -> value.train(cut)).orElse(cut);
    return new StructuredResult(
        pruned,
        reports(rankings, outcome.allocation()),
        dependencies.blocked(),
        Footprint.of(model, shapes),
        Footprint.of(pruned, shapes),
        OutputError.quality(
            model, pruned, evaluation.first(options.mostSamples()), options.threads()),
        List.copyOf(sensitivities.values()),
        importance.name(),
        outcome.reached());
  }

  private Importance importance(Model model, DependencyGraph dependencies, Samples samples) {
    Importance own = options.importance();
    if (own != null) {
      return own;
    }
    return switch (options.criterion()) {
      case AUTO ->
          samples.size() == 0
              ? Importance.magnitude(2)
              : Importance.activations(dependencies, model.info(), samples, options.threads());
      case L1 -> Importance.magnitude(1);
      case L2 -> Importance.magnitude(2);
      case BN_SCALE -> Importance.batchNormalizationScale();
      case ACTIVATIONS ->
          Importance.activations(dependencies, model.info(), samples, options.threads());
      case TAYLOR ->
          Importance.taylor(WeightStatistics.measured(model, samples, options.threads()));
      case OBD -> Importance.hessian(WeightStatistics.measured(model, samples, options.threads()));
    };
  }

  private List<Ranking> rankings(DependencyGraph dependencies, Importance importance) {
    Set<String> excluded = Exclusion.names(dependencies.graph(), options.exclude());
    List<Ranking> rankings = new ArrayList<>();
    for (ChannelGroup group : dependencies.groups()) {
      if (group.producers().stream().noneMatch(excluded::contains)) {
        rankings.add(
            new Ranking(
                group, importance.scores(dependencies, group), options.multiple(), options.most()));
      }
    }
    if (rankings.isEmpty()) {
      throw new BadDataException(
          "There is nothing in the model that can be pruned"
              + dependencies.blocked().stream()
                  .findFirst()
                  .map(first -> ": layer '" + first.layer() + "' " + first.reason())
                  .orElse(": it has no layers with weights")
              + ".");
    }
    return rankings;
  }

  private static Sensitivity sensitivity(
      DependencyGraph dependencies, Ranking ranking, OutputError error) {
    List<Sensitivity.Point> points = new ArrayList<>();
    int last = 0;
    for (double share : TRIED_SHARES) {
      int count = ranking.nearest(share);
      if (count > last) {
        last = count;
        points.add(
            new Sensitivity.Point(
                (double) count / ranking.size(),
                error.of(dependencies.remove(ranking.units(0, count)))));
      }
    }
    return new Sensitivity(ranking.group().name(), points);
  }

  private record Outcome(Allocation allocation, boolean reached) {}

  private Outcome allocate(Run run) {
    return switch (options.target()) {
      case Target.Amount(double share) -> new Outcome(run.allocation().share(share), true);
      case Target.Remaining(Target.Figure figure, double share) -> until(run, figure, share);
      case Target.Measured measured -> measure(run, measured);
    };
  }

  private static Outcome until(Run run, Target.Figure figure, double share) {
    ToLongFunction<ChannelCosts> count =
        switch (figure) {
          case MULTIPLY_ADDS -> ChannelCosts::multiplyAdds;
          case PARAMETERS -> ChannelCosts::parameters;
          case BYTES -> ChannelCosts::weightBytes;
        };
    long all = count.applyAsLong(new ChannelCosts(run.dependencies().scope()));
    Allocation allocation = run.allocation();
    boolean reached = allocation.until(count, (long) Math.floor(share * all));
    return new Outcome(allocation, reached);
  }

  /** Halves the interval of multiply-adds until the measured figure just holds. */
  private Outcome measure(Run run, Target.Measured target) {
    double low = 0.02;
    double high = 1;
    Outcome best = null;
    for (int i = 0; i < MEASURED_TRIES; i++) {
      double share = i == 0 ? target.share() : (low + high) / 2;
      Outcome outcome = until(run, Target.Figure.MULTIPLY_ADDS, share);
      Model candidate = cut(run, outcome.allocation());
      boolean holds = target.meter().applyAsDouble(run.model(), candidate) <= target.share();
      if (holds) {
        best = new Outcome(outcome.allocation(), true);
        low = share;
      } else {
        high = share;
      }
      if (!outcome.reached()) {
        // Nothing more can go: a smaller share would give the same model.
        low = Math.max(low, share);
      }
      progress.report("measure", i + 1, MEASURED_TRIES);
    }
    return best == null
        ? new Outcome(until(run, Target.Figure.MULTIPLY_ADDS, low).allocation(), false)
        : best;
  }

  private static Model cut(Run run, Allocation allocation) {
    return Model.of(run.dependencies().remove(allocation.units()), run.model().info());
  }

  private static List<StructuredResult.GroupReport> reports(
      List<Ranking> rankings, Allocation allocation) {
    Map<String, Integer> counts = allocation.counts();
    List<StructuredResult.GroupReport> reports = new ArrayList<>();
    for (Ranking ranking : rankings) {
      ChannelGroup group = ranking.group();
      int removed = counts.getOrDefault(group.name(), 0);
      reports.add(
          new StructuredResult.GroupReport(
              group.name(),
              group.kind().label(),
              group.width(),
              group.units().size(),
              group.units().size() - removed,
              group.producers()));
    }
    return reports;
  }
}
