package dev.tinytitan.edge.learn;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.tensor.Tensor;
import java.util.Optional;

/**
 * How bytes stand for numbers: {@code value = (level - zero) * scale}, levels from 0 to 255.
 *
 * @param scale of a level, above 0
 * @param zero the level of 0
 * @param flip what turns a byte into its level: 0 for uint8, 128 for int8
 */
record ByteCodes(float scale, int zero, int flip) {
  /** The highest level. */
  static final int HIGHEST = 255;

  /** What a QuantizeLinear or DequantizeLinear does, if it has one constant scale, and bytes. */
  static Optional<ByteCodes> of(Graph graph, Node node) {
    Optional<Tensor> scale = graph.constant(node.input(1)).filter(each -> each.size() == 1);
    Optional<Tensor> zero =
        node.hasInput(2)
            ? graph.constant(node.input(2)).filter(each -> each.size() == 1)
            : Optional.empty();
    if (scale.isEmpty() || zero.isEmpty() || !(scale.get().getFloat(0) > 0)) {
      return Optional.empty();
    }
    int level = (int) zero.get().getLong(0);
    return switch (zero.get().dtype()) {
      case UINT8 -> Optional.of(new ByteCodes(scale.get().getFloat(0), level, 0));
      case INT8 -> Optional.of(new ByteCodes(scale.get().getFloat(0), level + 128, 128));
      default -> Optional.empty();
    };
  }

  /** The level of a byte, from zero on. */
  int steps(byte code) {
    return ((code ^ flip) & 0xFF) - zero;
  }

  /** The byte nearest to a number, of the levels from {@code least} on. */
  byte code(float value, int least) {
    int level = (int) Math.rint(value / (double) scale) + zero;
    return (byte) (Math.clamp(level, least, HIGHEST) ^ flip);
  }

  /** True if a byte is neither the level {@code least} nor the highest: it was not cut. */
  boolean isInside(byte code, int least) {
    int level = (code ^ flip) & 0xFF;
    return level > least && level < HIGHEST;
  }
}
