package dev.tinytitan.edge.elastic;

import dev.tinytitan.Model;
import dev.tinytitan.tensor.Tensor;

/**
 * One way to run a model: a trade of accuracy against time, memory and energy.
 *
 * @param name unique within its model
 * @param accuracy on data that training did not see, 0 to 1
 * @param multiplyAdds of one sample
 * @param weightBytes of its weights
 */
public record OperatingPoint(String name, double accuracy, long multiplyAdds, long weightBytes) {
  public OperatingPoint {
    if (name.isBlank() || !(accuracy >= 0 && accuracy <= 1) || multiplyAdds < 0) {
      throw new IllegalArgumentException(
          "a point '"
              + name
              + "' of accuracy "
              + accuracy
              + " and "
              + multiplyAdds
              + " operations");
    }
  }

  /**
   * A model of its own as a point.
   *
   * @param accuracy 0 to 1, measured
   * @throws dev.tinytitan.TitanException if the model's shapes are not known
   */
  public static OperatingPoint of(String name, Model model, double accuracy) {
    return new OperatingPoint(
        name,
        accuracy,
        ElasticTrainer.multiplyAdds(model.graph()),
        model.graph().initializers().values().stream().mapToLong(Tensor::byteSize).sum());
  }
}
