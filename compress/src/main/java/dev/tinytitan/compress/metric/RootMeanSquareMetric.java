package dev.tinytitan.compress.metric;

import dev.tinytitan.compress.Sample;
import dev.tinytitan.tensor.Tensor;
import java.util.Map;

/** The root of the mean of squared errors; of each answer it keeps the squared error. */
record RootMeanSquareMetric() implements Metric {
  private static final MeanErrorMetric SQUARES = new MeanErrorMetric(ErrorKind.MSE);

  @Override
  public String name() {
    return ErrorKind.RMSE.name();
  }

  @Override
  public String unit() {
    return "in the targets' unit";
  }

  @Override
  public boolean isError() {
    return true;
  }

  @Override
  public double[] observe(
      Sample sample, Map<String, Tensor> outputs, Map<String, Tensor> reference) {
    return SQUARES.observe(sample, outputs, reference);
  }

  @Override
  public double score(double[][] answers) {
    return Math.sqrt(SQUARES.score(answers));
  }
}
