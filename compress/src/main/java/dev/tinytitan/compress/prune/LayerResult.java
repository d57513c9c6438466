package dev.tinytitan.compress.prune;

import dev.tinytitan.Model;
import java.util.List;
import java.util.Optional;

/**
 * A model without some of its layers, with all that is to be said about it.
 *
 * @param model standard ONNX, smaller, ready to be saved or opened
 * @param layers what could go, in the order of the graph, and what went
 * @param before how large the model was
 * @param after how large it is
 * @param quality its outputs against the unpruned model's on samples that nothing was judged by,
 *     before any training; empty without such samples
 * @param reached false if the target is out of reach: no more could go
 */
public record LayerResult(
    Model model,
    List<LayerReport> layers,
    Footprint before,
    Footprint after,
    Optional<Quality> quality,
    boolean reached) {

  /**
   * One layer.
   *
   * @param name of its first node with weights
   * @param nodes names of all its nodes
   * @param multiplyAdds of one run
   * @param parameters elements of its weights
   * @param alone the outputs without this layer alone; empty where the model cannot do without it,
   *     for shapes that no longer fit
   * @param gone in which place it went, from 1; 0 if it stays
   */
  public record LayerReport(
      String name,
      List<String> nodes,
      long multiplyAdds,
      long parameters,
      Optional<Quality> alone,
      int gone) {
    public LayerReport {
      nodes = List.copyOf(nodes);
    }
  }

  public LayerResult {
    layers = List.copyOf(layers);
  }
}
