package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.TensorType;
import java.util.List;
import java.util.Optional;

/**
 * The older form of Softmax, LogSoftmax and Hardmax: before opset 13 they took all dimensions from
 * the axis on as one line, with a default axis of 1.
 */
final class FlattenedAxis {
  private FlattenedAxis() {}

  /**
   * The axis in the newer sense. Where an older node means more than its last dimension, the node
   * is wrapped: flattened before, brought back to its shape after.
   */
  static int normalize(ImportContext context, int since) {
    if (context.opset() >= since) {
      return context.attributes().getInt("axis", -1);
    }
    int axis = context.attributes().getInt("axis", 1);
    Optional<Integer> rank = context.inputType(0).filter(TensorType::hasRank).map(TensorType::rank);
    if (axis == -1 || (rank.isPresent() && axis == rank.get() - 1)) {
      return -1;
    }
    String input = context.input(0);
    String shape = context.addNode("shape", new ShapeOf(0, null), input);
    String flat = context.addNode("flat", new Flatten(axis), input);
    String result = context.newValue("result");
    context.addNode("restore", new Reshape(false), List.of(result, shape), context.outputs());
    context.setInput(0, flat);
    context.setOutputs(List.of(result));
    return -1;
  }

  /**
   * Writes the node. The last axis means the same in all opsets, but was not the default before.
   */
  static void export(ExportContext context, int axis, int since) {
    boolean isLast = axis == -1;
    context.attributes(
        isLast && context.opset() >= since
            ? Attributes.none()
            : Attributes.builder().put("axis", axis).build());
    context.requireOpset(isLast ? 1 : since);
  }
}
