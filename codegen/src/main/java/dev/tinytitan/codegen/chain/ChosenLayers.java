package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A chain's layers in the forms in which they run.
 *
 * @param layers in order
 * @param rejected other forms of them, and why they were not taken
 * @param scratchBytes what the neediest of them needs beside its buffers
 */
record ChosenLayers(List<Layer> layers, List<String> rejected, int scratchBytes) {

  /**
   * Takes the sparse forms of products where they are faster.
   *
   * @param bytes of buffers, which have their places; memory that layers share comes behind them
   */
  static ChosenLayers of(
      List<Lowering.Step> steps, Target target, SparseChoice.Policy policy, int bytes) {
    List<Optional<SparseProductLayer>> candidates =
        steps.stream()
            .map(step -> SparseChoice.candidate(step.layer(), target.isa(), policy))
            .toList();
    int scratchBytes = 0;
    for (Optional<SparseProductLayer> candidate : candidates) {
      candidate.ifPresent(sparse -> sparse.placeScratch(bytes));
      int needed = candidate.map(SparseProductLayer::scratchBytes).orElse(0);
      scratchBytes = Math.max(scratchBytes, needed);
    }
    List<Layer> layers = new ArrayList<>();
    List<String> rejected = new ArrayList<>();
    int memoryBytes = Math.addExact(bytes, scratchBytes);
    for (int i = 0; i < steps.size(); i++) {
      Lowering.Step step = steps.get(i);
      Optional<SparseChoice> choice =
          candidates
              .get(i)
              .map(sparse -> SparseChoice.of(sparse, step.node(), target, policy, memoryBytes));
      layers.add(choice.map(SparseChoice::layer).orElse(step.layer()));
      choice.map(SparseChoice::rejected).ifPresent(rejected::add);
    }
    return new ChosenLayers(layers, rejected, scratchBytes);
  }
}
