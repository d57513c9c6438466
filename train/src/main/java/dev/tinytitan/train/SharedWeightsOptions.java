package dev.tinytitan.train;

/**
 * How networks that share weights learn from each other.
 *
 * @param distillation how much of a smaller network's target is the largest's answer, 0 to 1; the
 *     rest is the label
 * @param chosen how many networks between the largest and the smallest learn in a step, by chance
 * @param statisticsBatches over how many batches normalization statistics are measured at the end
 */
public record SharedWeightsOptions(double distillation, int chosen, int statisticsBatches) {
  public SharedWeightsOptions {
    if (!(distillation >= 0 && distillation <= 1) || chosen < 0 || statisticsBatches < 1) {
      throw new IllegalArgumentException(
          "distillation "
              + distillation
              + ", "
              + chosen
              + " chosen, "
              + statisticsBatches
              + " batches");
    }
  }

  /** Half the label, half the largest's answer; one network by chance; 100 batches. */
  public static SharedWeightsOptions defaults() {
    return new SharedWeightsOptions(0.5, 1, 100);
  }
}
