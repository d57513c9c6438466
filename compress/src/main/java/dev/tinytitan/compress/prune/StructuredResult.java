package dev.tinytitan.compress.prune;

import dev.tinytitan.Model;
import java.util.List;
import java.util.Optional;

/**
 * A model without some of its channels, with all that is to be said about it.
 *
 * @param model standard ONNX, smaller, ready to be saved or opened
 * @param groups what could go, and what went
 * @param blocked layers whose outputs cannot go, each with the reason
 * @param before how large the model was
 * @param after how large it is
 * @param quality its outputs against the unpruned model's on samples, before any training; empty
 *     without samples
 * @param sensitivities what pruning each group alone does; empty unless asked for
 * @param importance what units were judged by
 * @param reached false if the target is out of reach: no more could go
 */
public record StructuredResult(
    Model model,
    List<GroupReport> groups,
    List<DependencyGraph.Blocked> blocked,
    Footprint before,
    Footprint after,
    Optional<Quality> quality,
    List<Sensitivity> sensitivities,
    String importance,
    boolean reached) {

  /**
   * What happened to a group.
   *
   * @param name of the layer that makes its units
   * @param kind what they are
   * @param width places that each takes
   * @param before how many there were
   * @param after how many there are
   * @param layers all layers that make them
   */
  public record GroupReport(
      String name, String kind, int width, int before, int after, List<String> layers) {}

  public StructuredResult {
    groups = List.copyOf(groups);
    blocked = List.copyOf(blocked);
    sensitivities = List.copyOf(sensitivities);
  }
}
