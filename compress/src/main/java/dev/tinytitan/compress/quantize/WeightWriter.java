package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.internal.GraphDraft;
import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Squeeze;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes weights into a new graph in fewer bits: each form of a constant once, however many nodes
 * read it.
 */
final class WeightWriter {
  private record Form(String constant, StoredWeights weights) {}

  private final GraphDraft draft;
  private final Map<Form, List<String>> stored = new HashMap<>();
  private final Map<Form, String> dequantized = new HashMap<>();
  private final Map<Form, List<String>> tables = new HashMap<>();
  private final Map<String, StoredWeights> small = new LinkedHashMap<>();

  WeightWriter(GraphDraft draft) {
    this.draft = draft;
  }

  /** Names of the stored values, the scales and, if there are any, the zero points. */
  List<String> store(String constant, GridWeights weights) {
    small.putIfAbsent(constant, weights);
    return stored.computeIfAbsent(
        new Form(constant, weights), key -> weights.store(draft, constant));
  }

  /** Name of the float value that they are dequantized to. */
  String dequantized(String constant, StoredWeights weights) {
    return dequantized.computeIfAbsent(
        new Form(constant, weights),
        key ->
            switch (weights) {
              case Clustered clustered -> lookUp(constant, clustered);
              case GridWeights grid when grid.values().dtype().bits() == 2 ->
                  squeezed(constant, grid);
              case GridWeights grid ->
                  draft.add(grid.dequantizer(), store(constant, grid), constant + "_dequantized");
            });
  }

  private String lookUp(String constant, Clustered weights) {
    small.putIfAbsent(constant, weights);
    String indices = draft.constant(constant + "_indices", weights.values());
    String codebook = draft.constant(constant + "_codebook", weights.codebook());
    String wide = draft.add(new Cast(DType.INT32), List.of(indices), constant + "_cast");
    return draft.add(new Gather(0), List.of(codebook, wide), constant + "_dequantized");
  }

  /**
   * ONNX Runtime 1.29 fuses int2 weights that are read directly into an operator that then refuses
   * them. It does not look behind a Squeeze.
   */
  private String squeezed(String constant, GridWeights weights) {
    List<String> inputs = store(constant, weights);
    int rank = weights.values().shape().rank();
    int[] longer = Arrays.copyOf(weights.values().shape().toArray(), rank + 1);
    longer[rank] = 1;
    draft.replaceConstant(inputs.get(0), weights.values().reshape(Shape.of(longer)));
    String wide = draft.add(weights.dequantizer(), inputs, constant + "_unsqueezed");
    String axes = draft.constant(constant + "_axes", Tensor.of(new long[] {rank}));
    return draft.add(new Squeeze(), List.of(wide, axes), constant + "_dequantized");
  }

  /**
   * Adds a node with its weights replaced as the format says; rows of a table are dequantized after
   * they are picked.
   *
   * @return whether any weight was replaced
   */
  boolean add(Node node, List<WeightSlot> slots, WeightFormat format) {
    Node result = node;
    for (WeightSlot slot : slots) {
      StoredWeights weights = format.quantize(slot).orElse(null);
      if (weights == null) {
        continue;
      }
      if (slot.isTable() && weights instanceof ChannelQuantized rows) {
        small.putIfAbsent(slot.constant(), weights);
        addPicking(node, rows);
        return true;
      }
      result = result.withInput(slot.input(), dequantized(slot.constant(), weights));
    }
    draft.add(result);
    return result != node;
  }

  private void addPicking(Node node, ChannelQuantized rows) {
    String constant = node.input(0);
    List<String> table =
        tables.computeIfAbsent(
            new Form(constant, rows),
            key ->
                List.of(
                    draft.constant(constant + "_quantized", rows.values()),
                    draft.constant(
                        constant + "_scale",
                        rows.scales().reshape(Shape.of(rows.scales().size(), 1)))));
    String indices = node.input(1);
    String output = node.output();
    String picked = draft.add(node.operator(), List.of(table.get(0), indices), output + "_rows");
    String scales = draft.add(new Gather(0), List.of(table.get(1), indices), output + "_scale");
    String widened = draft.add(new Cast(DType.FLOAT32), List.of(picked), output + "_cast");
    draft.give(output, new Mul(), List.of(widened, scales), node.name());
  }

  /** Lets all other readers of constants that were stored small read them too: no copy remains. */
  void finish() {
    Map<String, String> instead = new HashMap<>();
    small.forEach((constant, weights) -> {
      if (draft.isRead(constant)) {
        instead.put(constant, dequantized(constant, weights));
      }
    });
    draft.replaceInputs(instead);
  }
}
