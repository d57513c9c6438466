package dev.tinytitan.compress.quantize;

import dev.tinytitan.Model;
import dev.tinytitan.compress.FineTuning;
import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Gather;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Masking;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Trains the values of codebooks, with all that is not clustered; which weight has which value
 * stays. The clustered graph itself is trained: the gradient of a codebook is, by the rule of
 * Gather, the sum over the weights of each value.
 */
final class TrainedCodebooks {
  private final Graph source;
  private final Graph trained;
  private final Map<String, Clustered> found = new LinkedHashMap<>();
  private final Map<String, String> codebooks = new LinkedHashMap<>();

  /**
   * @param source the graph with whole weights
   * @param clustered the same with codebooks
   */
  TrainedCodebooks(
      Graph source,
      Graph clustered,
      Selection selection,
      WeightFormat format,
      ModelInfo info,
      FineTuning training) {
    this.source = source;
    for (Node node : source.nodes()) {
      for (WeightSlot slot : selection.slots(node)) {
        if (format.quantize(slot).orElse(null) instanceof Clustered weights) {
          codebookOf(clustered, node, slot)
              .ifPresent(name -> {
                found.put(slot.constant(), weights);
                codebooks.put(slot.constant(), name);
              });
        }
      }
    }
    Masking masking = Masking.keepZeros(Set.copyOf(codebooks.values()));
    this.trained = training.train(Model.of(clustered, info), masking).graph();
  }

  /** What the weights of the node are looked up in. */
  private static Optional<String> codebookOf(Graph clustered, Node node, WeightSlot slot) {
    return clustered
        .producer(node.output())
        .flatMap(same -> clustered.producer(same.input(slot.input())))
        .filter(lookup -> lookup.operator() instanceof Gather)
        .map(lookup -> lookup.input(0));
  }

  /** The source with what training made of its other parameters. */
  Graph source() {
    Map<String, Tensor> initializers = new LinkedHashMap<>(source.initializers());
    initializers.replaceAll((name, tensor) -> trained.initializers().getOrDefault(name, tensor));
    return source.toBuilder().initializers(initializers).build();
  }

  /** The format with the codebooks that training found. */
  WeightFormat format(WeightFormat before) {
    WeightFormat result = before;
    for (Map.Entry<String, Clustered> each : found.entrySet()) {
      String name = Objects.requireNonNull(codebooks.get(each.getKey()));
      Tensor codebook = Objects.requireNonNull(trained.initializers().get(name), name);
      result = result.withLearned(each.getKey(), each.getValue().withCodebook(codebook));
    }
    return result;
  }
}
