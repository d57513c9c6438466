package dev.tinytitan.compress.metric;

import dev.tinytitan.compress.Sample;
import dev.tinytitan.tensor.Tensor;
import java.util.Map;

/** Whether the greatest element of the first output is at the label; 100 or 0. */
record AccuracyMetric() implements MeanMetric {
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
    return Answers.all();
  }

  @Override
  public boolean needsLabels() {
    return true;
  }

  @Override
  public double scale(double before) {
    return Answers.all();
  }

  @Override
  public String format(double score) {
    return Answers.points(score);
  }

  @Override
  public double scoreOne(
      Sample sample, Map<String, Tensor> outputs, Map<String, Tensor> reference) {
    int label = Answers.label(sample, "Accuracy");
    return Answers.greatest(Answers.first(outputs)) == label ? hit() : 0;
  }
}
