package dev.tinytitan.compress.prune;

import dev.tinytitan.BadDataException;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.ChannelMoments;
import dev.tinytitan.compress.internal.ObservedModel;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What units bring to the layers that read them, seen on samples. */
final class ActivationImportance implements Importance {
  private static final String NAME = "activations";

  private final DependencyGraph observed;

  /** By value and axis of its channels. */
  private final Map<Channels, ChannelMoments> moments;

  private final Importance fallback = Importance.magnitude(2);

  private record Channels(String value, int axis) {}

  private ActivationImportance(DependencyGraph observed, Map<Channels, ChannelMoments> moments) {
    this.observed = observed;
    this.moments = moments;
  }

  static ActivationImportance observe(
      DependencyGraph dependencies, ModelInfo info, Samples samples, int threads) {
    if (samples.size() == 0) {
      throw new BadDataException("There are no samples to see activations on: give data.");
    }
    GraphScope scope = dependencies.scope();
    Map<Channels, ChannelMoments> moments = new LinkedHashMap<>();
    for (ChannelTrace.Layer layer : scope.trace().layers()) {
      channels(scope, layer)
          .ifPresent(
              value -> moments.computeIfAbsent(value, key -> new ChannelMoments(key.axis())));
    }
    try (ObservedModel model =
        ObservedModel.open(
            scope.graph(),
            info,
            moments.keySet().stream().map(Channels::value).distinct().toList(),
            threads)) {
      for (int i = 0; i < samples.size(); i++) {
        Map<String, Tensor> seen = model.run(samples.get(i), i);
        moments.forEach((channels, moment) -> {
          Tensor tensor = seen.get(channels.value());
          if (tensor != null && tensor.dtype() == DType.FLOAT32) {
            moment.add(tensor.toFloatArray(), tensor.shape());
          }
        });
      }
    }
    return new ActivationImportance(dependencies, moments);
  }

  /** Where the places that a layer weighs lie in the value that it reads. */
  private static Optional<Channels> channels(GraphScope scope, ChannelTrace.Layer layer) {
    int[][] axes = scope.trace().axes(layer.data());
    for (int axis = 0; axis < axes.length; axis++) {
      if (axes[axis] == layer.inputs()) {
        return Optional.of(new Channels(layer.data(), axis));
      }
    }
    return Optional.empty();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public double[] scores(DependencyGraph dependencies, ChannelGroup group) {
    if (dependencies != observed) {
      throw new IllegalArgumentException("activations were seen on another graph");
    }
    Map<Integer, Integer> units = new LinkedHashMap<>();
    group.units().forEach(unit -> units.put(unit.root(), units.size()));
    GraphScope scope = group.units().get(0).scope();
    double[] scores = new double[units.size()];
    boolean seen = false;
    if (scope == dependencies.scope()) {
      for (ChannelTrace.Layer layer : scope.trace().layers()) {
        seen |= add(scope, layer, units, scores);
      }
    }
    // Branches of conditions are not seen into.
    return seen ? scores : fallback.scores(dependencies, group);
  }

  private boolean add(
      GraphScope scope, ChannelTrace.Layer layer, Map<Integer, Integer> units, double[] scores) {
    ChannelIds ids = scope.trace().ids();
    boolean reads = false;
    for (int id : layer.inputs()) {
      reads |= units.containsKey(ids.find(id));
    }
    Optional<Channels> channels = reads ? channels(scope, layer) : Optional.empty();
    ChannelMoments moment = channels.map(moments::get).orElse(null);
    Tensor weights = scope.trace().concrete().constant(layer.weights()).orElse(null);
    if (moment == null || moment.isEmpty() || weights == null) {
      return false;
    }
    float[] squares = moment.meanSquares();
    double[] norms = norms(weights, layer.weightAxis());
    for (int i = 0; i < layer.inputs().length; i++) {
      Integer unit = units.get(ids.find(layer.inputs()[i]));
      // A depthwise convolution passes a channel on; who reads it then says what it is worth.
      boolean passes = unit != null && i < layer.outputs().length && norms.length == 1;
      if (unit != null && !passes) {
        scores[unit] += squares[i] * norms[i % norms.length];
      }
    }
    return norms.length > 1;
  }

  /** The sum of squares for each place along an axis. */
  private static double[] norms(Tensor weights, int axis) {
    Shape shape = weights.shape();
    int inner = shape.sizeBetween(axis + 1, shape.rank());
    int size = shape.dim(axis);
    double[] norms = new double[size];
    for (int i = 0; i < weights.size(); i++) {
      double weight = weights.getDouble(i);
      norms[i / inner % size] += weight * weight;
    }
    return norms;
  }
}
