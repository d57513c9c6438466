package dev.tinytitan.compress.metric;

import dev.tinytitan.compress.Sample;
import dev.tinytitan.tensor.Tensor;
import java.util.Map;

/** The mean F1 over classes; of each answer it keeps the right class and the one answered. */
record MacroF1Metric() implements PointsMetric {
  @Override
  public String name() {
    return "macro F1";
  }

  @Override
  public double[] observe(
      Sample sample, Map<String, Tensor> outputs, Map<String, Tensor> reference) {
    return new double[] {Answers.label(sample, "F1"), Answers.greatest(Answers.first(outputs))};
  }

  @Override
  public double score(double[][] answers) {
    return Answers.all() * Confusion.of(answers).macroF1();
  }
}
