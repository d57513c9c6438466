package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.prune.Criterion;
import dev.tinytitan.compress.prune.StructuredOptions;
import dev.tinytitan.compress.prune.StructuredPruner;
import dev.tinytitan.compress.prune.Target;
import java.util.List;
import java.util.Locale;

/**
 * Takes channels, neurons and heads out of the graph.
 *
 * @param figure what is counted
 * @param left the share of it that is left, over 0, below 1
 * @param criterion what units are judged by
 * @param multiple channel counts are rounded to multiples of it
 * @param exclude names of layers, or patterns, whose outputs stay
 * @param samples at most so many are judged by
 */
public record PruneStructured(
    Target.Figure figure,
    double left,
    Criterion criterion,
    int multiple,
    List<String> exclude,
    int samples)
    implements Step {

  /** Samples that units are judged by unless a recipe says otherwise. */
  public static final int DEFAULT_SAMPLES = 64;

  public PruneStructured {
    exclude = List.copyOf(exclude);
    if (!(left > 0 && left < 1)) {
      throw new IllegalArgumentException("what is left must be over 0 and below 1, not " + left);
    }
    if (multiple < 1 || samples < 1) {
      throw new IllegalArgumentException(
          "multiple and samples must be at least 1, not " + multiple + " and " + samples);
    }
  }

  /** This share of a figure is left, all else at its default. */
  public static PruneStructured of(Target.Figure figure, double left) {
    return new PruneStructured(
        figure,
        left,
        Criterion.AUTO,
        StructuredOptions.DEFAULT_MULTIPLE,
        List.of(),
        DEFAULT_SAMPLES);
  }

  /** The same with another rounding of counts. */
  public PruneStructured withMultiple(int value) {
    return new PruneStructured(figure, left, criterion, value, exclude, samples);
  }

  /** The same with layers that stay. */
  public PruneStructured withExclude(List<String> names) {
    return new PruneStructured(figure, left, criterion, multiple, names, samples);
  }

  @Override
  public String kind() {
    return "prune-structured";
  }

  @Override
  public String label() {
    return "prune to " + Numbers.percent(left) + " %" + FigureWords.suffix(figure);
  }

  @Override
  public String words() {
    return String.format(
        Locale.ROOT,
        "take out channels, neurons and heads until %s %% of the %s are left",
        Numbers.percent(left),
        FigureWords.of(figure));
  }

  @Override
  public Model apply(Model model, StepContext context) {
    StructuredOptions options =
        StructuredOptions.of(new Target.Remaining(figure, left))
            .withCriterion(criterion)
            .withMultiple(multiple)
            .withExclude(exclude)
            .withMostSamples(samples)
            .withSeed(context.seed())
            .withThreads(context.threads());
    return new StructuredPruner(options, context.progress())
        .prune(model, context.calibration(samples), Samples.none())
        .model();
  }
}
