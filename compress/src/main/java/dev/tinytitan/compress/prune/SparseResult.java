package dev.tinytitan.compress.prune;

import dev.tinytitan.Model;
import java.util.List;
import java.util.Optional;

/**
 * A model with weights set to zero, with all that is to be said about it.
 *
 * @param model standard ONNX of the same shapes, ready to be saved or opened
 * @param layers what became of each layer
 * @param before how large the model was
 * @param after how large it is
 * @param quality its outputs against the dense model's on samples, before any training; empty
 *     without samples
 */
public record SparseResult(
    Model model,
    List<LayerReport> layers,
    Footprint before,
    Footprint after,
    Optional<Quality> quality) {

  /**
   * One layer.
   *
   * @param name the node's name
   * @param operator the node's operator
   * @param weights how many it has
   * @param zerosBefore how many were zero
   * @param zerosAfter how many are
   */
  public record LayerReport(
      String name, String operator, long weights, long zerosBefore, long zerosAfter) {
    /** The share of zeros now. */
    public double sparsity() {
      return weights == 0 ? 0 : (double) zerosAfter / weights;
    }
  }

  public SparseResult {
    layers = List.copyOf(layers);
  }
}
