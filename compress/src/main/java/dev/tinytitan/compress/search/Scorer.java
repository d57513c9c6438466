package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.ObservedModel;
import dev.tinytitan.compress.metric.Metric;
import dev.tinytitan.compress.metric.Scoring;
import dev.tinytitan.compress.statistics.Interval;
import dev.tinytitan.compress.statistics.PairedDrop;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Scores candidates against the original on the same samples. The original runs once; its answers
 * are kept. Serves one thread.
 */
final class Scorer {
  private final Model original;
  private final Metric metric;
  private final Samples samples;
  private final int threads;
  private final int judged;
  private final List<Map<String, Tensor>> references = new ArrayList<>();
  private final double[][] before;

  /**
   * Runs the original.
   *
   * @param judged how many samples there are to judge on, for the bound that can be expected there
   */
  Scorer(Model original, Metric metric, Samples samples, int threads, int judged) {
    this.original = original;
    this.metric = metric;
    this.samples = samples;
    this.threads = threads;
    this.judged = judged;
    this.before = new double[samples.size()][];
    try (ObservedModel model =
        ObservedModel.open(original.graph(), original.info(), List.of(), threads)) {
      for (int i = 0; i < before.length; i++) {
        Sample sample = samples.get(i);
        Map<String, Tensor> reference = Scoring.outputs(original.outputs(), model.run(sample, i));
        before[i] = metric.observe(sample, reference, reference);
        references.add(reference);
      }
    }
  }

  /** The original against itself. */
  Score original() {
    return score(before, before.length);
  }

  Score score(Model candidate) {
    return score(candidate, samples.size());
  }

  /** On the first samples alone. */
  Score score(Model candidate, int most) {
    double[][] after = new double[Math.min(most, samples.size())][];
    try (ObservedModel model =
        ObservedModel.open(candidate.graph(), candidate.info(), List.of(), threads)) {
      for (int i = 0; i < after.length; i++) {
        Sample sample = samples.get(i);
        after[i] =
            metric.observe(
                sample,
                Scoring.outputs(original.outputs(), model.run(sample, i)),
                references.get(i));
      }
    }
    return score(after, after.length);
  }

  private Score score(double[][] after, int count) {
    double[][] own = Arrays.copyOf(before, count);
    PairedDrop drop = metric.drop(own, after);
    Interval interval = metric.interval(after);
    return new Score(
        count,
        metric.score(own),
        interval.value(),
        interval.low(),
        interval.high(),
        drop.mean(),
        drop.bound(),
        drop.boundOn(judged));
  }
}
