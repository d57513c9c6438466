package dev.tinytitan.train;

import dev.tinytitan.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Keeps elements of parameters at zero while they are trained: pruned ones, or ever more of them.
 * Immutable; what changes lies in the {@link Run}.
 */
@FunctionalInterface
public interface Masking {

  /**
   * Begins a run of training.
   *
   * @param parameters what is trained, as it is at the start
   * @param steps of the whole run
   */
  Run begin(Map<String, Tensor> parameters, int steps);

  /**
   * The weights that are zero at the start stay zero: those of a model that was pruned. Biases and
   * the like, which have one dimension, are free.
   */
  static Masking keepZeros() {
    return keepZeros(Set.of());
  }

  /**
   * As {@link #keepZeros()}, and zeros stay zero in some parameters of one dimension, too, such as
   * codebooks.
   *
   * @param vectors the names of these
   */
  static Masking keepZeros(Set<String> vectors) {
    return (parameters, steps) -> {
      Map<String, float[]> keep = new LinkedHashMap<>();
      parameters.forEach((name, tensor) -> {
        if (tensor.shape().rank() > 1 || vectors.contains(name)) {
          float[] mask = tensor.toFloatArray();
          boolean whole = true;
          for (int i = 0; i < mask.length; i++) {
            whole &= mask[i] != 0;
            mask[i] = mask[i] == 0 ? 0 : 1;
          }
          if (!whole) {
            keep.put(name, mask);
          }
        }
      });
      return () -> keep;
    };
  }

  /** The masks of one run; called by the thread that trains. */
  @FunctionalInterface
  interface Run {
    /**
     * For each masked parameter, 0 for the elements that are zero and 1 for the others, row-major:
     * always the same arrays, in the same order.
     */
    Map<String, float[]> keep();

    /**
     * Before the parameters move.
     *
     * @param weights the parameters by name, masked; arrays may be longer than the parameters
     * @param gradients of the loss by the masked parameters, zeros included; not to be changed
     * @param rate the learning rate of the step
     */
    default void beforeStep(
        Map<String, float[]> weights, Map<String, float[]> gradients, double rate) {}

    /**
     * After the parameters have moved, before they are masked: may change the masks, and bring back
     * elements.
     *
     * @param step counted from 1
     * @param weights the parameters by name
     */
    default void afterStep(int step, Map<String, float[]> weights) {}

    /** Whether masks stay as they are from a step on; epochs before are not kept as the best. */
    default boolean isSettled(int step) {
      return true;
    }

    /** What a checkpoint holds beside the masks: always the same arrays, in the same order. */
    default List<float[]> state() {
      return List.of();
    }
  }
}
