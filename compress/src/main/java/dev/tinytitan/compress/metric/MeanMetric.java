package dev.tinytitan.compress.metric;

import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.statistics.Interval;
import dev.tinytitan.compress.statistics.PairedDrop;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;

/** A metric that scores each answer; the mean over samples is judged. */
public interface MeanMetric extends Metric {

  /**
   * The score of one answer.
   *
   * @param outputs the model's answer
   * @param reference the float model's answer to the same sample
   * @throws dev.tinytitan.BadDataException if the sample has not got what is needed
   */
  double scoreOne(Sample sample, Map<String, Tensor> outputs, Map<String, Tensor> reference);

  @Override
  default double[] observe(
      Sample sample, Map<String, Tensor> outputs, Map<String, Tensor> reference) {
    return new double[] {scoreOne(sample, outputs, reference)};
  }

  @Override
  default double score(double[][] answers) {
    return Arrays.stream(answers).mapToDouble(answer -> answer[0]).average().orElse(0);
  }

  /** Wilson's interval for hits, Student's for other scores. */
  @Override
  default Interval interval(double[][] answers) {
    double[] scores = scores(answers);
    if (hit() == 0) {
      return Interval.ofMean(scores);
    }
    int hits = (int) Arrays.stream(scores).filter(score -> score > 0).count();
    Interval share = Interval.ofShare(hits, scores.length);
    return new Interval(hit() * share.value(), hit() * share.low(), hit() * share.high());
  }

  /** See {@link PairedDrop} for the intervals. */
  @Override
  default PairedDrop drop(double[][] before, double[][] after) {
    double[] first = scores(before);
    double[] second = scores(after);
    if (hit() > 0) {
      return PairedDrop.ofHits(first, second, hit());
    }
    return isError() ? PairedDrop.of(second, first) : PairedDrop.of(first, second);
  }

  private static double[] scores(double[][] answers) {
    return Arrays.stream(answers).mapToDouble(answer -> answer[0]).toArray();
  }
}
