package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.internal.GraphDraft;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Weights on even grids: a scale, and a number that stands for 0, for every few of them. */
sealed interface GridWeights extends StoredWeights permits ChannelQuantized, BlockQuantized {

  /** What a step between them is worth, float32. */
  Tensor scales();

  /** Which of the scales is that of an element of the weights. */
  int scaleIndex(int element);

  /** The stored number that stands for 0, for the elements of one of the scales. */
  int zeroPoint(int scaleIndex);

  /** The least number that may be stored. */
  int lowest();

  /** The greatest number that may be stored. */
  int highest();

  /** Other numbers on the same grid. */
  GridWeights withLevels(int[] levels);

  @Override
  default Tensor dequantize() {
    float[] result = new float[values().size()];
    for (int i = 0; i < result.length; i++) {
      int scale = scaleIndex(i);
      result[i] = (values().getInt(i) - zeroPoint(scale)) * scales().getFloat(scale);
    }
    return Tensor.of(result, values().shape().toArray());
  }

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
