package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.ObservedModel;
import dev.tinytitan.compress.metric.Metric;
import dev.tinytitan.compress.metric.Scoring;
import dev.tinytitan.compress.statistics.PairedDrop;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** Scores quantized graphs against the float graph on the same samples, one sample at a time. */
final class Evaluator {
  private final Graph graph;
  private final ModelInfo info;
  private final Metric metric;
  private final Samples samples;
  private final int threads;

  /** What the metric keeps of each answer. */
  @SuppressWarnings("ArrayRecordComponent") // lives for one call, is never compared
  private record Answers(double[][] before, double[][] after) {}

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
    Answers answers = answers(candidate);
    PairedDrop drop = metric.drop(answers.before(), answers.after());
    return new Evaluation(
        metric.name(),
        metric.unit(),
        samples.size(),
        metric.score(answers.before()),
        metric.score(answers.after()),
        drop.mean(),
        drop.bound());
  }

  /** How much worse the candidate is than the float graph. */
  PairedDrop drop(Graph candidate) {
    Answers answers = answers(candidate);
    return metric.drop(answers.before(), answers.after());
  }

  private Answers answers(Graph candidate) {
    double[][] before = new double[samples.size()][];
    double[][] after = new double[samples.size()][];
    try (ObservedModel truth = ObservedModel.open(graph, info, List.of(), threads);
        ObservedModel model = ObservedModel.open(candidate, info, List.of(), threads)) {
      for (int i = 0; i < before.length; i++) {
        Sample sample = samples.get(i);
        Map<String, Tensor> reference = Scoring.outputs(graph.outputs(), truth.run(sample, i));
        before[i] = metric.observe(sample, reference, reference);
        after[i] =
            metric.observe(
                sample, Scoring.outputs(graph.outputs(), model.run(sample, i)), reference);
      }
    }
    return new Answers(before, after);
  }
}
