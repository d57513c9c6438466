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
 * Logarithm of softmax along one axis: {@code x - max - log(sum(exp(x - max)))}. ONNX:
 * LogSoftmax-13; the older form is normalized as that of {@link Softmax}.
 */
public record LogSoftmax(int axis) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("LogSoftmax", 13)
          .decoder(context -> new LogSoftmax(FlattenedAxis.normalize(context, 13)))
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
          double max = Double.NEGATIVE_INFINITY;
          for (int i = 0; i < length; i++) {
            max = Math.max(max, x.getDouble(start + i * stride));
          }
          double sum = 0;
          for (int i = 0; i < length; i++) {
            sum += Math.exp(x.getDouble(start + i * stride) - max);
          }
          double log = Math.log(sum);
          for (int i = 0; i < length; i++) {
            y.setDouble(start + i * stride, x.getDouble(start + i * stride) - max - log);
          }
        });
  }
}
