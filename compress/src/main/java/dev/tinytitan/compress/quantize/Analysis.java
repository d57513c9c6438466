package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.ObservedModel;
import dev.tinytitan.compress.internal.Similarity;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Runs a float graph and its quantized form side by side. */
final class Analysis {
  private final Graph graph;
  private final ModelInfo info;
  private final Samples samples;
  private final int threads;

  /**
   * @param graph in floats, as it was quantized
   */
  Analysis(Graph graph, ModelInfo info, Samples samples, int threads) {
    this.graph = graph;
    this.info = info;
    this.samples = samples;
    this.threads = threads;
  }

  /**
   * The layers of a quantized graph, the one that is hurt most first.
   *
   * @param bits of the weights of layers, by name; 0 for those that are not in it
   */
  List<LayerReport> layers(Rewrite rewrite, Map<String, Integer> bits) {
    Map<String, Similarity> similarities = compare(rewrite.graph(), rewrite.outputs());
    Map<String, Node> nodes = new HashMap<>();
    graph.nodes().forEach(node -> nodes.put(node.name(), node));
    List<LayerReport> reports = new ArrayList<>();
    similarities.forEach((layer, similarity) ->
        reports.add(
            new LayerReport(
                layer,
                Objects.requireNonNull(nodes.get(layer)).operator().spec().name(),
                bits.getOrDefault(layer, 0),
                similarity.signalToNoise(),
                similarity.cosine())));
    reports.sort(Comparator.comparingDouble(LayerReport::signalToNoise));
    return reports;
  }

  /** The signal-to-noise ratio of all outputs of another form of the graph, in decibels. */
  double outputSignalToNoise(Graph other) {
    Map<String, Rewrite.Result> outputs = new LinkedHashMap<>();
    for (Value output : graph.outputs()) {
      outputs.put(output.name(), new Rewrite.Result(output.name(), output.name()));
    }
    // The worst output decides: a good one must not hide a bad one.
    return compare(other, outputs).values().stream()
        .mapToDouble(Similarity::signalToNoise)
        .min()
        .orElse(Double.POSITIVE_INFINITY);
  }

  private Map<String, Similarity> compare(Graph other, Map<String, Rewrite.Result> results) {
    Map<String, Similarity> similarities = new LinkedHashMap<>();
    List<String> before = results.values().stream().map(Rewrite.Result::before).toList();
    List<String> after = results.values().stream().map(Rewrite.Result::after).toList();
    try (ObservedModel truth = ObservedModel.open(graph, info, before, threads);
        ObservedModel model = ObservedModel.open(other, info, after, threads)) {
      for (int i = 0; i < samples.size(); i++) {
        Sample sample = samples.get(i);
        Map<String, Tensor> expected = truth.run(sample, i);
        Map<String, Tensor> actual = model.run(sample, i);
        results.forEach((name, result) -> {
          Tensor left = Objects.requireNonNull(expected.get(result.before()));
          Tensor right = Objects.requireNonNull(actual.get(result.after()));
          if (left.dtype() == DType.FLOAT32) {
            similarities.computeIfAbsent(name, key -> new Similarity()).add(left, right);
          }
        });
      }
    }
    return similarities;
  }
}
