package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.prune.LayerOptions;
import dev.tinytitan.compress.prune.LayerPruner;
import dev.tinytitan.compress.prune.Target;
import java.util.List;
import java.util.Locale;

/**
 * Takes whole layers out of the graph.
 *
 * @param figure what is counted
 * @param left the share of it that is left, over 0, below 1
 * @param exclude names of nodes, or patterns, whose layers stay
 * @param samples at most so many are judged by
 */
public record PruneLayers(Target.Figure figure, double left, List<String> exclude, int samples)
    implements Step {

  public PruneLayers {
    exclude = List.copyOf(exclude);
    if (!(left > 0 && left < 1)) {
      throw new IllegalArgumentException("what is left must be over 0 and below 1, not " + left);
    }
    if (samples < 1) {
      throw new IllegalArgumentException("samples must be at least 1, not " + samples);
    }
  }

  /** This share of a figure is left, all else at its default. */
  public static PruneLayers of(Target.Figure figure, double left) {
    return new PruneLayers(figure, left, List.of(), PruneStructured.DEFAULT_SAMPLES);
  }

  /** The same with layers that stay. */
  public PruneLayers withExclude(List<String> names) {
    return new PruneLayers(figure, left, names, samples);
  }

  @Override
  public String kind() {
    return "prune-layers";
  }

  @Override
  public String label() {
    return "layers to " + Numbers.percent(left) + " %" + FigureWords.suffix(figure);
  }

  @Override
  public String words() {
    return String.format(
        Locale.ROOT,
        "take out whole layers until %s %% of the %s are left",
        Numbers.percent(left),
        FigureWords.of(figure));
  }

  @Override
  public Model apply(Model model, StepContext context) {
    LayerOptions options =
        LayerOptions.of(new Target.Remaining(figure, left))
            .withExclude(exclude)
            .withMostSamples(samples)
            .withSeed(context.seed())
            .withThreads(context.threads());
    return new LayerPruner(options, context.progress())
        .prune(model, context.calibration(samples), Samples.none())
        .model();
  }
}
