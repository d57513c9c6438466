package dev.tinytitan.compress.quantize;

import dev.tinytitan.Model;
import dev.tinytitan.compress.FineTuning;
import dev.tinytitan.compress.internal.GraphDraft;
import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Node;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Masking;
import dev.tinytitan.train.op.NearestValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Trains codebooks, which weight has which value, and all that is not clustered, at once: each
 * weight passes through {@link NearestValue} on its way to its layer.
 */
final class TrainedCodebooks {
  private final Graph source;
  private final GraphDraft draft;
  private final Map<String, Learned> codebooks = new LinkedHashMap<>();
  private final Graph trained;

  /**
   * A codebook while it is trained.
   *
   * @param relative the learned constant
   * @param scale what it is multiplied by
   * @param rounded the weights, as layers read them
   */
  private record Learned(String relative, float scale, String rounded) {}

  /**
   * @param source the graph with whole weights
   */
  TrainedCodebooks(
      Graph source, Selection selection, WeightFormat format, ModelInfo info, FineTuning training) {
    this.source = source;
    this.draft = new GraphDraft(source);
    for (Node node : source.nodes()) {
      Node rewired = node;
      for (WeightSlot slot : selection.slots(node)) {
        if (format.quantize(slot).orElse(null) instanceof Clustered weights) {
          rewired = rewired.withInput(slot.input(), rounded(slot.constant(), weights));
        }
      }
      draft.add(rewired);
    }
    Set<String> names =
        codebooks.values().stream().map(Learned::relative).collect(Collectors.toSet());
    this.trained = training.train(Model.of(draft.build(), info), Masking.keepZeros(names)).graph();
  }

  /** The weights as the nearest values of the codebook, which begins as it was found. */
  private String rounded(String constant, Clustered weights) {
    return codebooks
        .computeIfAbsent(
            constant,
            name -> {
              float[] relative = weights.codebook().toFloatArray();
              float scale = scale(relative);
              for (int i = 0; i < relative.length; i++) {
                relative[i] /= scale;
              }
              String codebook = draft.constant(name + "_codebook", Tensor.of(relative));
              String unit =
                  draft.constant(name + "_codebook_scale", Tensor.of(new float[] {scale}));
              String output = draft.fresh(name + "_nearest");
              draft.add(
                  Node.of(
                      output,
                      new NearestValue(),
                      List.of(name, codebook, unit),
                      List.of(output, draft.fresh(name + "_which"))));
              return new Learned(codebook, scale, output);
            })
        .rounded();
  }

  /** The root of the mean square of what is not zero; 1 if all is. */
  private static float scale(float[] codebook) {
    double sum = 0;
    int count = 0;
    for (float value : codebook) {
      sum += (double) value * value;
      count += value == 0 ? 0 : 1;
    }
    return count == 0 ? 1 : (float) Math.sqrt(sum / count);
  }

  /** The source with what training made of its parameters. */
  Graph source() {
    Map<String, Tensor> initializers = new LinkedHashMap<>(source.initializers());
    initializers.replaceAll((name, tensor) -> trained.initializers().getOrDefault(name, tensor));
    return source.toBuilder().initializers(initializers).build();
  }

  /** The format with the codebooks, and the places in them, that training found. */
  WeightFormat format(WeightFormat before) {
    WeightFormat result = before;
    for (Map.Entry<String, Learned> each : codebooks.entrySet()) {
      float[] codebook = learned(each.getValue().relative()).toFloatArray();
      for (int i = 0; i < codebook.length; i++) {
        codebook[i] *= each.getValue().scale();
      }
      Tensor weights = learned(each.getKey());
      result = result.withLearned(each.getKey(), Clustered.nearest(weights, codebook));
    }
    return result;
  }

  private Tensor learned(String name) {
    return Objects.requireNonNull(trained.initializers().get(name), name);
  }
}
