package dev.tinytitan.compress.prune;

import dev.tinytitan.Model;
import dev.tinytitan.TitanException;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.internal.Block;
import dev.tinytitan.compress.internal.WeightCount;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** Which layers of a model go; grows by the layer that is missed least. Not thread-safe. */
final class LayerSelection {
  private final Model model;
  private final List<RemovableLayer> layers;
  private final OutputError error;
  private final Progress progress;
  private final Map<String, Optional<Quality>> alone = new HashMap<>();
  private final List<RemovableLayer> gone = new ArrayList<>();

  /** Tries each layer alone. */
  LayerSelection(Model model, List<RemovableLayer> layers, OutputError error, Progress progress) {
    this.model = model;
    this.layers = layers;
    this.error = error;
    this.progress = progress;
    for (RemovableLayer layer : layers) {
      alone.put(layer.name(), quality(layer));
      progress.report("layers alone", alone.size(), layers.size());
    }
  }

  /**
   * Takes layers out until a target is met.
   *
   * @param whole how large the model is with all of them
   * @return false if nothing more can go before it is
   */
  boolean extendTo(Target target, Footprint whole) {
    while (!isMet(target, whole)) {
      Optional<RemovableLayer> next = next(savings(target));
      if (next.isEmpty()) {
        return false;
      }
      gone.add(next.get());
      progress.report("layers", gone.size(), layers.size());
    }
    return true;
  }

  private boolean isMet(Target target, Footprint whole) {
    return switch (target) {
      case Target.Amount(double share) ->
          gone.size() >= Math.max(1, Math.round(share * layers.size()));
      case Target.Remaining(Target.Figure figure, double share) -> {
        long all =
            switch (figure) {
              case MULTIPLY_ADDS -> whole.multiplyAdds();
              case PARAMETERS -> whole.parameters();
              case BYTES -> weightBytes(model.graph());
            };
        yield all - sum(gone, layer -> layer.saved(figure)) <= share * all;
      }
      case Target.Measured measured ->
          !gone.isEmpty() && measured.meter().applyAsDouble(model, model()) <= measured.share();
    };
  }

  private static long weightBytes(Graph graph) {
    return graph.initializers().values().stream()
        .filter(WeightCount::isWeight)
        .mapToLong(Tensor::byteSize)
        .sum();
  }

  /** What counts as saved on the way to a target. */
  private static ToLongFunction<RemovableLayer> savings(Target target) {
    return switch (target) {
      case Target.Amount _ -> layer -> 1;
      case Target.Remaining(Target.Figure figure, double _) -> layer -> layer.saved(figure);
      case Target.Measured _ -> RemovableLayer::multiplyAdds;
    };
  }

  private static long sum(List<RemovableLayer> some, ToLongFunction<RemovableLayer> figure) {
    return some.stream().mapToLong(figure).sum();
  }

  /** The layer whose absence, beside those gone, loses least for what all of that saves. */
  private Optional<RemovableLayer> next(ToLongFunction<RemovableLayer> savings) {
    Optional<RemovableLayer> best = Optional.empty();
    double least = Double.POSITIVE_INFINITY;
    for (RemovableLayer layer : layers) {
      if (!mayGo(layer) || savings.applyAsLong(layer) == 0) {
        continue;
      }
      Optional<Quality> quality = gone.isEmpty() ? alone.get(layer.name()) : quality(layer);
      if (quality != null && quality.isPresent()) {
        double saved = sum(gone, savings) + savings.applyAsLong(layer);
        double loss = quality.get().relativeError() / saved;
        if (best.isEmpty() || loss < least) {
          best = Optional.of(layer);
          least = loss;
        }
      }
    }
    return best;
  }

  /** One layer of each run stays. */
  private boolean mayGo(RemovableLayer layer) {
    return !gone.contains(layer)
        && (layer.run() < 0
            || layers.stream()
                .anyMatch(other ->
                    other.run() == layer.run() && !other.equals(layer) && !gone.contains(other)));
  }

  /** The outputs without those gone and one more; empty where that does not fit together. */
  private Optional<Quality> quality(RemovableLayer layer) {
    List<Block> blocks = new ArrayList<>(gone.stream().map(RemovableLayer::block).toList());
    blocks.add(layer.block());
    try {
      return Optional.of(error.of(Block.without(model.graph(), blocks)));
    } catch (TitanException doesNotFit) {
      return Optional.empty();
    }
  }

  /** The model without the layers that have gone. */
  Model model() {
    List<Block> blocks = gone.stream().map(RemovableLayer::block).toList();
    return Model.of(Block.without(model.graph(), blocks), model.info());
  }

  List<LayerResult.LayerReport> reports() {
    return layers.stream()
        .map(layer ->
            new LayerResult.LayerReport(
                layer.name(),
                layer.block().nodes().stream().map(Node::name).toList(),
                layer.multiplyAdds(),
                layer.parameters(),
                alone.getOrDefault(layer.name(), Optional.empty()),
                gone.indexOf(layer) + 1))
        .toList();
  }
}
