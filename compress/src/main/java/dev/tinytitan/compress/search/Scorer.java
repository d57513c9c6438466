package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.ObservedModel;
import dev.tinytitan.compress.quantize.Metric;
import dev.tinytitan.compress.statistics.Interval;
import dev.tinytitan.compress.statistics.PairedDrop;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

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
  private final double[] before;

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
    this.before = new double[samples.size()];
    try (ObservedModel model =
        ObservedModel.open(original.graph(), original.info(), List.of(), threads)) {
      for (int i = 0; i < before.length; i++) {
        Sample sample = samples.get(i);
        Map<String, Tensor> reference = outputs(model.run(sample, i));
        before[i] = metric.score(sample, reference, reference);
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
    double[] after = new double[Math.min(most, samples.size())];
    try (ObservedModel model =
        ObservedModel.open(candidate.graph(), candidate.info(), List.of(), threads)) {
      for (int i = 0; i < after.length; i++) {
        Sample sample = samples.get(i);
        after[i] = metric.score(sample, outputs(model.run(sample, i)), references.get(i));
      }
    }
    return score(after, after.length);
  }

  private Score score(double[] after, int count) {
    double[] own = Arrays.copyOf(before, count);
    PairedDrop drop =
        metric.hit() > 0 ? PairedDrop.ofHits(own, after, metric.hit()) : PairedDrop.of(own, after);
    Interval interval = interval(after);
    return new Score(
        count,
        Arrays.stream(own).average().orElse(0),
        interval.value(),
        interval.low(),
        interval.high(),
        drop.mean(),
        drop.bound(),
        drop.boundOn(judged));
  }

  private Interval interval(double[] scores) {
    if (metric.hit() == 0) {
      return Interval.ofMean(scores);
    }
    int hits = (int) Arrays.stream(scores).filter(score -> score > 0).count();
    Interval share = Interval.ofShare(hits, scores.length);
    return new Interval(
        metric.hit() * share.value(), metric.hit() * share.low(), metric.hit() * share.high());
  }

  private Map<String, Tensor> outputs(Map<String, Tensor> seen) {
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    original
        .outputs()
        .forEach(
            output -> outputs.put(output.name(), Objects.requireNonNull(seen.get(output.name()))));
    return outputs;
  }
}
