package dev.tinytitan.compress.metric;

import dev.tinytitan.Model;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.ObservedModel;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Runs models to score them. */
public final class Scoring {
  private Scoring() {}

  /**
   * The score of one model by itself.
   *
   * @param samples at least one
   * @param threads of each run
   * @throws dev.tinytitan.BadDataException if a sample has not got what the metric needs
   */
  public static double score(Model model, Metric metric, Samples samples, int threads) {
    double[][] answers = new double[samples.size()][];
    try (ObservedModel observed =
        ObservedModel.open(model.graph(), model.info(), List.of(), threads)) {
      for (int i = 0; i < answers.length; i++) {
        Sample sample = samples.get(i);
        Map<String, Tensor> outputs = outputs(model.outputs(), observed.run(sample, i));
        answers[i] = metric.observe(sample, outputs, outputs);
      }
    }
    return metric.score(answers);
  }

  /**
   * The outputs of a model among values that were seen, the first one first.
   *
   * @param seen holds all of them
   */
  public static Map<String, Tensor> outputs(List<Value> outputs, Map<String, Tensor> seen) {
    Map<String, Tensor> found = new LinkedHashMap<>();
    outputs.forEach(
        output -> found.put(output.name(), Objects.requireNonNull(seen.get(output.name()))));
    return found;
  }
}
