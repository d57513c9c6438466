package dev.tinytitan.compress.metric;

import dev.tinytitan.compress.Sample;
import dev.tinytitan.tensor.Tensor;
import java.util.Map;

/** Whether the greatest element of the first output is at the label; 100 or 0. */
record AccuracyMetric() implements MeanMetric, PointsMetric {
  @Override
  public String name() {
    return "accuracy";
  }

  @Override
  public double hit() {
    return Answers.all();
  }

  @Override
  public double scoreOne(
      Sample sample, Map<String, Tensor> outputs, Map<String, Tensor> reference) {
    int label = Answers.label(sample, "Accuracy");
    return Answers.greatest(Answers.first(outputs)) == label ? hit() : 0;
  }
}
