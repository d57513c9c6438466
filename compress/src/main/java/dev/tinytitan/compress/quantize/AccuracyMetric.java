package dev.tinytitan.compress.quantize;

import dev.tinytitan.BadDataException;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.tensor.Tensor;
import java.util.Map;

/** Whether the greatest element of the first output is at the label; 100 or 0. */
record AccuracyMetric() implements Metric {
  private static final double HIT = 100;

  @Override
  public String name() {
    return "accuracy";
  }

  @Override
  public String unit() {
    return "percentage points";
  }

  @Override
  public double hit() {
    return HIT;
  }

  @Override
  public double score(Sample sample, Map<String, Tensor> outputs, Map<String, Tensor> reference) {
    int label =
        sample
            .label()
            .orElseThrow(
                () -> new BadDataException("Accuracy needs labels, but a sample has none."));
    Tensor scores = outputs.values().iterator().next();
    int best = 0;
    for (int i = 1; i < scores.size(); i++) {
      if (scores.getDouble(i) > scores.getDouble(best)) {
        best = i;
      }
    }
    return best == label ? HIT : 0;
  }
}
