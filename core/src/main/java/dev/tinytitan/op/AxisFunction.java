package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * An operator that replaces the elements along one axis by as many others, each line of elements on
 * its own. Before opset 13 the input was flattened to two dimensions at the axis; that form is
 * normalized on import.
 */
public interface AxisFunction extends Operator {

  /** The axis; negative ones count from the end. */
  int axis();

  /**
   * Computes one line of elements.
   *
   * @param x the input
   * @param y the output, of the same shape
   * @param start the flat index of the line's first element
   * @param stride from one element to the next
   * @param length elements in the line; may be 0
   */
  void evalLine(Tensor x, Tensor y, int start, int stride, int length);

  @Override
  default Attributes attributes() {
    return Attributes.builder().putUnless(-1, "axis", axis()).build();
  }

  @Override
  default void export(ExportContext context) {
    FlattenedAxis.export(context, axis(), 13);
  }

  @Override
  default List<TensorType> infer(InferenceContext context) {
    return Shapes.sameAsInput(context);
  }

  @Override
  default void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor y = context.output(0, x.dtype(), x.shape());
    AxisWalk.forEach(
        x.shape(),
        Shapes.axis(axis(), x.shape().rank()),
        (start, stride, length) -> evalLine(x, y, start, stride, length));
  }
}
