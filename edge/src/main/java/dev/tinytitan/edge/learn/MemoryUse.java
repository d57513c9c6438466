package dev.tinytitan.edge.learn;

/**
 * Bytes that learning takes, as planned before the first step.
 *
 * @param inference planned memory of one inference of the deployed model; not part of the total
 * @param front planned memory of the frozen part, which runs beside inference so that the model
 *     answers meanwhile; it is part of an inference, not of the training memory
 * @param arena planned memory of a step: activations, gradients, learned values in floats, scratch
 * @param optimizer the optimizer's state
 * @param frozenWeights copies of frozen weights that a step packs
 * @param replay the replay buffer, which has a limit of its own
 */
public record MemoryUse(
    long inference, long front, long arena, long optimizer, long frozenWeights, long replay) {

  /** What the budget limits: all that a step takes beyond inference. */
  public long training() {
    return arena + optimizer + frozenWeights;
  }
}
