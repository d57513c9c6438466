package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.ObservedModel;
import dev.tinytitan.compress.statistics.PairedDrop;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Scores quantized graphs against the float graph on the same samples, one sample at a time. */
final class Evaluator {
  private final Graph graph;
  private final ModelInfo info;
  private final Metric metric;
  private final Samples samples;
  private final int threads;

  /** A score for each sample. */
  @SuppressWarnings("ArrayRecordComponent") // lives for one call, is never compared
  private record Scores(double[] before, double[] after) {}

  Evaluator(Graph graph, ModelInfo info, Metric metric, Samples samples, int threads) {
    this.graph = graph;
    this.info = info;
    this.metric = metric;
    this.samples = samples;
    this.threads = threads;
  }

  /** How many samples it scores on. */
  int count() {
    return samples.size();
  }

  Evaluation evaluate(Graph candidate) {
    Scores scores = score(candidate);
    return new Evaluation(
        metric.name(),
        metric.unit(),
        samples.size(),
        Arrays.stream(scores.before()).average().orElse(0),
        Arrays.stream(scores.after()).average().orElse(0),
        drop(scores).bound());
  }

  /** How much worse the candidate is than the float graph. */
  PairedDrop drop(Graph candidate) {
    return drop(score(candidate));
  }

  private PairedDrop drop(Scores scores) {
    return metric.hit() > 0
        ? PairedDrop.ofHits(scores.before(), scores.after(), metric.hit())
        : PairedDrop.of(scores.before(), scores.after());
  }

  private Scores score(Graph candidate) {
    double[] before = new double[samples.size()];
    double[] after = new double[samples.size()];
    try (ObservedModel truth = ObservedModel.open(graph, info, List.of(), threads);
        ObservedModel model = ObservedModel.open(candidate, info, List.of(), threads)) {
      for (int i = 0; i < before.length; i++) {
        Sample sample = samples.get(i);
        Map<String, Tensor> reference = outputs(truth.run(sample, i));
        before[i] = metric.score(sample, reference, reference);
        after[i] = metric.score(sample, outputs(model.run(sample, i)), reference);
      }
    }
    return new Scores(before, after);
  }

  private Map<String, Tensor> outputs(Map<String, Tensor> seen) {
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    for (Value output : graph.outputs()) {
      outputs.put(output.name(), seen.get(output.name()));
    }
    return outputs;
  }
}
