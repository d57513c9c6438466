package dev.tinytitan.edge.elastic;

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
}
