package dev.tinytitan.compress.quantize;

import dev.tinytitan.Model;
import dev.tinytitan.compress.internal.GraphDraft;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.ConvTranspose;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Stores the biases of convolutions and dense layers as int8 with one scale for each layer, which a
 * runtime undoes when it loads the model. Beside weights in few bits, biases in float32 are a good
 * part of a small file: 5 to 10 % of those of pruned and clustered LeNets. An element changes by at
 * most 1/254 of the layer's largest.
 */
public final class Int8Biases {
  /** Shorter ones are left alone: what the scale and the node take is more than they would save. */
  private static final int FEWEST = 32;

  private static final int LARGEST = 127;

  private Int8Biases() {}

  /** The same model with such biases. */
  public static Model of(Model model) {
    Graph graph = model.graph();
    GraphDraft draft = new GraphDraft(graph);
    Map<String, String> narrow = new HashMap<>();
    for (Node node : graph.nodes()) {
      boolean hasBias =
          switch (node.operator()) {
            case Conv conv -> node.hasInput(2);
            case ConvTranspose conv -> node.hasInput(2);
            case Gemm gemm -> node.hasInput(2);
            default -> false;
          };
      if (hasBias) {
        narrow(draft, node.input(2), graph.constant(node.input(2)), narrow);
      }
      draft.add(node);
    }
    draft.replaceInputs(narrow);
    return Model.of(draft.build(), model.info());
  }

  private static void narrow(
      GraphDraft draft, String name, Optional<Tensor> bias, Map<String, String> narrow) {
    if (bias.isEmpty()
        || narrow.containsKey(name)
        || bias.get().dtype() != DType.FLOAT32
        || bias.get().size() < FEWEST) {
      return;
    }
    float[] values = bias.get().toFloatArray();
    float largest = 0;
    for (float value : values) {
      // NaN stays, and fails the test below.
      largest = Math.max(largest, Math.abs(value));
    }
    float scale = largest / LARGEST;
    if (!(scale >= Float.MIN_NORMAL) || Float.isInfinite(scale)) {
      return;
    }
    byte[] levels = new byte[values.length];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = (byte) Math.clamp(Math.round(values[i] / scale), -LARGEST, LARGEST);
    }
    String stored = draft.constant(name + "_int8", Tensor.of(levels, bias.get().shape().toArray()));
    String factor = draft.constant(name + "_scale", Tensor.scalar(scale));
    narrow.put(
        name, draft.add(new DequantizeLinear(1), List.of(stored, factor), name + "_dequantized"));
  }
}
