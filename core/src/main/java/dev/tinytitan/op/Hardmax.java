package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * 1 for the first greatest element along one axis, 0 for the others. ONNX: Hardmax-13; the older
 * form is normalized as that of {@link Softmax}.
 */
public record Hardmax(int axis) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Hardmax", 13)
          .decoder(context -> new Hardmax(FlattenedAxis.normalize(context, 13)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(-1, "axis", axis).build();
  }

  @Override
  public void export(ExportContext context) {
    FlattenedAxis.export(context, axis, 13);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return Shapes.sameAsInput(context);
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor y = context.output(0, x.dtype(), x.shape());
    AxisWalk.forEach(
        x.shape(),
        Shapes.axis(axis, x.shape().rank()),
        (start, stride, length) -> {
          int best = start;
          for (int i = 0; i < length; i++) {
            int at = start + i * stride;
            y.setBoolean(at, false);
            best = ElementOrder.compare(x, at, x, best) > 0 ? at : best;
          }
          if (length > 0) {
            y.setBoolean(best, true);
          }
        });
  }
}
