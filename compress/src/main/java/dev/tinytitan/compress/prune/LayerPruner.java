package dev.tinytitan.compress.prune;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.compress.FineTuning;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.Exclusion;
import dev.tinytitan.ir.Node;
import dev.tinytitan.tensor.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes a model smaller by taking whole layers out of it: of those that follow each other and are
 * alike, all but one, and any around which a shortcut leads.
 *
 * <pre>{@code
 * LayerOptions options = LayerOptions.of(Target.multiplyAdds(0.7));
 * LayerResult result = new LayerPruner(options).prune(model, samples);
 * result.model().save(Path.of("shorter.onnx"));
 * }</pre>
 *
 * <p>Layers go one after another. Each time, every layer that is left is tried: the one goes whose
 * absence changes the model's outputs on samples least for what it saves, together with those that
 * are gone already. The result loses accuracy until it is trained on. The same model, samples and
 * options give the same model. Immutable and safe for use by many threads.
 */
public final class LayerPruner {
  private final LayerOptions options;
  private final Progress progress;
  private final Optional<FineTuning> training;

  /** A pruner that tells nobody how far it is. */
  public LayerPruner(LayerOptions options) {
    this(options, Progress.NONE);
  }

  /** A pruner that reports its progress. */
  public LayerPruner(LayerOptions options, Progress progress) {
    this(options, progress, Optional.empty());
  }

  private LayerPruner(LayerOptions options, Progress progress, Optional<FineTuning> training) {
    this.options = options;
    this.progress = progress;
    this.training = training;
  }

  /** The same, training the model on without the layers. */
  public LayerPruner withTraining(FineTuning value) {
    return new LayerPruner(options, progress, Optional.of(value));
  }

  /**
   * Prunes, judging layers by a half of the samples and the result by the other.
   *
   * @throws BadDataException if there are no samples or no layers that can go, a name to exclude is
   *     unknown, or a sample does not fit the model
   */
  public LayerResult prune(Model model, Samples samples) {
    List<Samples> parts = samples.split(0.5, options.seed());
    return samples.size() == 1
        ? prune(model, samples, samples)
        : prune(model, parts.get(0), parts.get(1));
  }

  /**
   * Prunes.
   *
   * @param calibration samples to judge layers by; no labels are needed
   * @param evaluation samples to judge the result by, or none; none of them should be among the
   *     others
   * @throws BadDataException if there are no samples or no layers that can go, a name to exclude is
   *     unknown, or a sample does not fit the model
   */
  public LayerResult prune(Model model, Samples calibration, Samples evaluation) {
    Samples used = calibration.first(options.mostSamples());
    if (used.size() == 0) {
      throw new BadDataException(
          "Whole layers are judged by what the model answers without them: give samples.");
    }
    Map<String, Shape> shapes = new HashMap<>();
    used.get(0).inputs().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    List<RemovableLayer> layers = layers(model, shapes);
    Footprint before = Footprint.of(model, shapes);
    OutputError error = new OutputError(model.graph(), model.info(), used, options.threads());
    LayerSelection selection = new LayerSelection(model, layers, error, progress);
    boolean reached = selection.extendTo(options.target(), before);
    Model cut = selection.model();
    Model pruned = training.map(value -> value.train(cut)).orElse(cut);
    return new LayerResult(
        pruned,
        selection.reports(),
        before,
        Footprint.of(pruned, shapes),
        OutputError.quality(
            model, pruned, evaluation.first(options.mostSamples()), options.threads()),
        reached);
  }

  private List<RemovableLayer> layers(Model model, Map<String, Shape> shapes) {
    Set<String> excluded = Exclusion.names(model.graph(), options.exclude());
    List<RemovableLayer> layers =
        ConcreteGraph.at(model.graph(), shapes, RemovableLayer::of).stream()
            .filter(layer ->
                layer.block().nodes().stream().map(Node::name).noneMatch(excluded::contains))
            .toList();
    if (layers.isEmpty()) {
      throw new BadDataException(
          "The model has no layers that can go as a whole: none that follow each other and are"
              + " alike, and none with a shortcut around them. Take channels out instead.");
    }
    return layers;
  }
}
