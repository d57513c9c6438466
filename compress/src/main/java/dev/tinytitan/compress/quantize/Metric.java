package dev.tinytitan.compress.quantize;

import dev.tinytitan.BadDataException;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.tensor.Tensor;
import java.util.Map;

/** How good a model's answer to a sample is; the mean over samples is judged. */
public interface Metric {

  /** What it measures, such as {@code accuracy}. */
  String name();

  /** The unit that scores, drops and budgets are in, such as {@code percentage points}. */
  String unit();

  /**
   * What a hit scores, where each answer is a hit or a miss, which scores 0; 0 for scores that may
   * be anything. Confidence intervals of hits need no assumption about how scores are spread.
   */
  default double hit() {
    return 0;
  }

  /**
   * The score of one answer; more is better.
   *
   * @param outputs the model's answer
   * @param reference the float model's answer to the same sample
   * @throws BadDataException if the sample has not got what is needed
   */
  double score(Sample sample, Map<String, Tensor> outputs, Map<String, Tensor> reference);

  /**
   * The share of samples whose label has the greatest element of the first output, in percentage
   * points.
   */
  static Metric accuracy() {
    return new AccuracyMetric();
  }

  /** The cosine between all float outputs and the float model's. */
  static Metric cosine() {
    return new CosineMetric();
  }

  /**
   * The cosine between sentence embeddings: the mean of the first output, [batch, length, width],
   * over the tokens that a mask keeps.
   *
   * @param mask the name of the input that is 1 for tokens and 0 for padding, [batch, length]
   */
  static Metric embeddingCosine(String mask) {
    return new EmbeddingMetric(mask);
  }
}
