package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.ChannelMoments;
import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Node;
import dev.tinytitan.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * One model, its options and samples: makes the float graph ready in the way that a {@link
 * Preparation} says, and writes it with rounded weights and activations. Decides nothing.
 */
final class Quantization {
  private static final WeightFormat INT8 = WeightFormat.int8();

  private final Graph folded;
  private final ModelInfo info;
  private final QuantizationOptions options;
  private final Set<String> excluded;
  private final Samples probe;
  private final Progress progress;

  /**
   * @param folded the float graph
   * @param excluded names of nodes that stay as they are
   * @param probe the samples that noise is measured on
   */
  Quantization(
      Graph folded,
      ModelInfo info,
      QuantizationOptions options,
      Set<String> excluded,
      Samples probe,
      Progress progress) {
    this.folded = folded;
    this.info = info;
    this.options = options;
    this.excluded = excluded;
    this.probe = probe;
    this.progress = progress;
  }

  /** The float graph that all begins with. */
  Graph folded() {
    return folded;
  }

  /** The float graph made ready, and calibrated with these samples. */
  Prepared prepare(Preparation preparation, Samples samples) {
    Graph graph = folded;
    if (preparation.equalize() == Preparation.BY_WEIGHTS) {
      graph = CrossLayerEqualization.byWeights(graph);
    } else if (preparation.equalize() > 0) {
      Calibration channels =
          calibrate(graph, List.of(), CrossLayerEqualization.observed(graph), samples);
      graph = CrossLayerEqualization.byActivations(graph, channels, preparation.equalize());
    }
    if (preparation.smooth() > 0) {
      Selection selection = selection(graph, Set.of());
      Calibration channels =
          calibrate(graph, List.of(), ActivationSmoothing.observed(graph, selection), samples);
      graph = ActivationSmoothing.apply(graph, selection, channels, preparation.smooth());
    }
    List<String> values =
        isStatic() ? new StaticPlan(graph, selection(graph, Set.of())).quantized() : List.of();
    boolean wantsChannels =
        preparation.correctBias()
            || (List.of(Scheme.INT4_WEIGHTS, Scheme.CLUSTERS).contains(options.scheme())
                && samples.size() > 0);
    Calibration calibration =
        calibrate(
            graph, values, wantsChannels ? BiasCorrection.observed(graph) : Map.of(), samples);
    return new Prepared(
        preparation, graph, calibration, format(graph, calibration), samples, Map.of(), Map.of());
  }

  private Calibration calibrate(
      Graph graph, List<String> values, Map<String, Integer> channels, Samples samples) {
    return Calibration.run(graph, info, values, channels, samples, options.threads(), progress);
  }

  private WeightFormat format(Graph graph, Calibration calibration) {
    if (options.scheme() == Scheme.INT8) {
      return WeightFormat.integers(options.weightBits());
    }
    if (options.scheme() != Scheme.INT4_WEIGHTS && options.scheme() != Scheme.CLUSTERS) {
      return INT8;
    }
    Map<String, float[]> importance = new HashMap<>();
    for (WeightSlot slot : WeightSlot.of(graph)) {
      ChannelMoments channels = calibration.channels(slot.activation());
      if (!channels.isEmpty()) {
        importance.put(slot.activation(), channels.meanSquares());
      }
    }
    return options.scheme() == Scheme.CLUSTERS
        ? WeightFormat.clusters(options.clusters(), importance)
        : WeightFormat.int4(options.blockSize(), importance);
  }

  /** What is quantized of a graph, but for layers in higher precision. */
  Selection selection(Graph graph, Set<String> raised) {
    Predicate<Node> wanted =
        node -> !excluded.contains(node.name()) && !raised.contains(node.name());
    return new Selection(graph, wanted);
  }

  /**
   * The quantized graph.
   *
   * @param raised names of layers in higher precision
   */
  Rewrite rewrite(Prepared prepared, Set<String> raised) {
    boolean fallsToInt8 = options.scheme() == Scheme.INT4_WEIGHTS;
    Selection selection = selection(prepared.graph(), fallsToInt8 ? Set.of() : raised);
    WeightFormat format = fallsToInt8 ? prepared.format().except(raised, INT8) : prepared.format();
    Graph graph = withBiases(prepared, selection, format, raised);
    return switch (options.scheme()) {
      case INT8, MIXED -> {
        Map<String, Range> ranges = ranges(prepared);
        StaticPlan plan = new StaticPlan(graph, selection);
        Rewrite rewrite = new StaticRewriter(graph, selection, plan, format, ranges).rewrite();
        yield prepared.preparation().measureBias()
            ? new MeasuredBiasCorrection(
                    prepared.graph(), info, prepared.samples(), options.threads())
                .apply(rewrite)
            : rewrite;
      }
      case INT8_DYNAMIC -> DynamicRewriter.rewrite(graph, selection, format);
      case INT8_WEIGHTS, INT4_WEIGHTS, CLUSTERS -> WeightRewriter.rewrite(graph, selection, format);
      case FP16 -> HalfFloatRewriter.rewrite(graph, selection);
    };
  }

  /** The ranges of activations. */
  Map<String, Range> ranges(Prepared prepared) {
    return prepared.learnedRanges().isEmpty()
        ? prepared.calibration().ranges(prepared.preparation().calibrator(), options.percentile())
        : prepared.learnedRanges();
  }

  /** The float graph with the biases that go with its rounded weights. */
  Graph withBiases(
      Prepared prepared, Selection selection, WeightFormat format, Set<String> raised) {
    Graph graph = prepared.graph();
    if (!prepared.biases().isEmpty()) {
      Map<String, Tensor> constants = new LinkedHashMap<>(graph.initializers());
      for (Node node : graph.nodes()) {
        for (WeightSlot slot :
            raised.contains(node.name()) ? List.<WeightSlot>of() : selection.slots(node)) {
          LayerRounding.Bias bias = prepared.biases().get(slot.constant());
          if (bias != null) {
            constants.put(bias.name(), bias.tensor());
          }
        }
      }
      return graph.toBuilder().initializers(constants).build();
    }
    return prepared.preparation().correctBias()
        ? BiasCorrection.apply(
            graph, prepared.calibration(), slot -> rounded(selection, format, slot))
        : graph;
  }

  private Optional<Tensor> rounded(Selection selection, WeightFormat format, WeightSlot slot) {
    boolean quantized =
        selection.slots(slot.node()).stream()
            .anyMatch(other -> other.constant().equals(slot.constant()));
    if (!quantized) {
      return Optional.empty();
    }
    Optional<StoredWeights> stored =
        inIntegers() ? Optional.of(format.integer(slot)) : format.quantize(slot);
    return stored.map(StoredWeights::dequantize);
  }

  /** Whether activations have ranges that calibration gives. */
  boolean isStatic() {
    return options.scheme() == Scheme.INT8 || options.scheme() == Scheme.MIXED;
  }

  /** Whether products are of integers. */
  boolean inIntegers() {
    return isStatic() || options.scheme() == Scheme.INT8_DYNAMIC;
  }

  /** The noise of the outputs by their signal. */
  double noise(Prepared prepared) {
    double decibels = analysis(prepared).outputSignalToNoise(rewrite(prepared, Set.of()).graph());
    return Math.pow(10, -decibels / 10);
  }

  /** What quantization does to this float graph on the probe. */
  Analysis analysis(Prepared prepared) {
    return new Analysis(prepared.graph(), info, probe, options.threads());
  }
}
