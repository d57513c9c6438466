package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/** An operator that finds the index of the best element along one axis. */
public interface ArgReduction extends Operator {

  /** The axis; negative counts from the end. */
  int axis();

  /** Whether the axis stays with size 1. */
  boolean keepDims();

  /** Whether the last of equal elements is meant, and not the first. */
  boolean selectLastIndex();

  /**
   * Whether an element is better than the best before it.
   *
   * @param order below, at or above zero as the element compares with the best
   */
  boolean isBetter(int order);

  /** Makes an operator from its attributes. */
  @FunctionalInterface
  interface Factory {
    /** The operator with these attributes. */
    ArgReduction make(int axis, boolean keepDims, boolean selectLastIndex);
  }

  /** The specification of such an operator. */
  static OpSpec spec(String name, Factory factory) {
    return OpSpec.onnx(name, 13)
        .compatibleSince(1)
        .decoder(context ->
            factory.make(
                context.attributes().getInt("axis", 0),
                context.attributes().getBoolean("keepdims", true),
                context.attributes().getBoolean("select_last_index", false)))
        .build();
  }

  @Override
  default Attributes attributes() {
    return Attributes.builder()
        .putUnless(0, "axis", axis())
        .putUnless(true, "keepdims", keepDims())
        .putUnless(false, "select_last_index", selectLastIndex())
        .build();
  }

  @Override
  default void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(selectLastIndex() ? 12 : axis() < 0 ? 11 : 1);
  }

  @Override
  default List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0).withDType(DType.INT64);
    if (!input.hasRank()) {
      return List.of(input);
    }
    Dim one = keepDims() ? Dim.of(1) : null;
    return List.of(input.withDims(AxisGroups.reduce(input.knownDims(), named(input.rank()), one)));
  }

  @Override
  default void eval(EvalContext context) {
    Tensor x = context.input(0);
    boolean[] named = named(x.shape().rank());
    AxisGroups groups = AxisGroups.of(x.shape(), named);
    if (groups.offsets().length == 0) {
      throw new ShapeMismatchException(
          "There is no best element along axis " + axis() + " of shape " + x.shape() + ".");
    }
    Tensor y = context.output(0, DType.INT64, AxisGroups.reduce(x.shape(), named, keepDims()));
    for (int i = 0; i < y.size(); i++) {
      y.setLong(i, best(x, groups.starts()[i], groups.offsets()));
    }
  }

  private boolean[] named(int rank) {
    return Shapes.axes(new int[] {axis()}, rank);
  }

  private int best(Tensor x, int start, int[] offsets) {
    int best = 0;
    for (int j = 1; j < offsets.length; j++) {
      int order = ElementOrder.compare(x, start + offsets[j], x, start + offsets[best]);
      if (isBetter(order) || (order == 0 && selectLastIndex())) {
        best = j;
      }
    }
    return best;
  }
}
