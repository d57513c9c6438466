package dev.tinytitan.compress.metric;

import dev.tinytitan.BadDataException;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.internal.Similarity;
import dev.tinytitan.tensor.Tensor;
import java.util.Map;

/** The mean cosine between sentence embeddings, pooled as the mean over the tokens of a mask. */
record EmbeddingMetric(String mask) implements MeanMetric {
  @Override
  public String name() {
    return "embedding cosine";
  }

  @Override
  public String unit() {
    return "cosine";
  }

  @Override
  public double scoreOne(
      Sample sample, Map<String, Tensor> outputs, Map<String, Tensor> reference) {
    Tensor kept = sample.inputs().get(mask);
    if (kept == null) {
      throw new BadDataException("A sample has no input '" + mask + "', which is to be the mask.");
    }
    Tensor[] truth = pool(reference.values().iterator().next(), kept);
    Tensor[] answer = pool(outputs.values().iterator().next(), kept);
    double sum = 0;
    for (int i = 0; i < truth.length; i++) {
      sum += new Similarity().add(truth[i], answer[i]).cosine();
    }
    return sum / truth.length;
  }

  private Tensor[] pool(Tensor hidden, Tensor kept) {
    if (hidden.shape().rank() != 3 || hidden.shape().sizeBetween(0, 2) != kept.size()) {
      throw new BadDataException(
          "The output of shape "
              + hidden.shape()
              + " does not go with the mask '"
              + mask
              + "' of shape "
              + kept.shape()
              + ".");
    }
    int length = hidden.shape().dim(1);
    int width = hidden.shape().dim(2);
    Tensor[] pooled = new Tensor[hidden.shape().dim(0)];
    for (int row = 0; row < pooled.length; row++) {
      // The direction is all that counts, so the sum will do for the mean.
      double[] sum = new double[width];
      for (int token = 0; token < length; token++) {
        if (kept.getBoolean(row * length + token)) {
          for (int i = 0; i < width; i++) {
            sum[i] += hidden.getFloat((row * length + token) * width + i);
          }
        }
      }
      pooled[row] = Tensor.of(sum);
    }
    return pooled;
  }
}
