package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.internal.GraphDraft;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Weights in fewer bits. */
sealed interface StoredWeights permits ChannelQuantized, BlockQuantized {

  /** The stored numbers, in the weights' shape. */
  Tensor values();

  /** What a step between them is worth, float32. */
  Tensor scales();

  /** The weights that the stored ones stand for, float32. */
  Tensor dequantize();

  /** The operator that dequantizes them in a graph. */
  default Operator dequantizer() {
    return switch (this) {
      case ChannelQuantized channels -> new DequantizeLinear(channels.axis());
      case BlockQuantized blocks -> new DequantizeLinear(blocks.axis(), blocks.blockSize(), null);
    };
  }

  /** Adds the constants to a graph and gives the inputs of the dequantizer. */
  default List<String> store(GraphDraft draft, String name) {
    List<String> inputs = new ArrayList<>();
    inputs.add(draft.constant(name + "_quantized", values()));
    inputs.add(draft.constant(name + "_scale", scales()));
    if (this instanceof BlockQuantized blocks) {
      inputs.add(draft.constant(name + "_zero_point", blocks.zeroPoints()));
    }
    return inputs;
  }
}
