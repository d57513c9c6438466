package dev.tinytitan.compress.metric;

import dev.tinytitan.compress.Sample;
import dev.tinytitan.tensor.Tensor;
import java.util.Map;

/**
 * The mean error of a sample's outputs, squared or absolute.
 *
 * @param kind which
 */
record MeanErrorMetric(ErrorKind kind) implements MeanMetric {
  @Override
  public String name() {
    return kind.name();
  }

  @Override
  public String unit() {
    return kind == ErrorKind.MAE ? "in the targets' unit" : "in the targets' unit, squared";
  }

  @Override
  public boolean isError() {
    return true;
  }

  @Override
  public double scoreOne(
      Sample sample, Map<String, Tensor> outputs, Map<String, Tensor> reference) {
    Tensor output = Answers.first(outputs);
    Tensor truth = Answers.target(sample, output);
    double sum = 0;
    for (int i = 0; i < output.size(); i++) {
      double error = output.getDouble(i) - truth.getDouble(i);
      sum += kind == ErrorKind.MAE ? Math.abs(error) : error * error;
    }
    return sum / output.size();
  }
}
