package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Elements brought to mean 0 and standard deviation 1 along some axes: {@code (x - mean) /
 * (standard deviation + 1e-9)}. ONNX: MeanVarianceNormalization-13.
 *
 * @param axes the axes; negative ones count from the end
 */
public record MeanVarianceNormalization(List<Integer> axes) implements Operator {
  private static final List<Integer> DEFAULT_AXES = List.of(0, 2, 3);

  static final OpSpec SPEC =
      OpSpec.onnx("MeanVarianceNormalization", 13)
          .compatibleSince(9)
          .decoder(context ->
              new MeanVarianceNormalization(
                  context.attributes().getInts("axes").map(Ints::list).orElse(DEFAULT_AXES)))
          .build();

  /** Keeps a copy of the axes. */
  public MeanVarianceNormalization {
    axes = List.copyOf(axes);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return axes.equals(DEFAULT_AXES)
        ? Attributes.none()
        : Attributes.builder().put("axes", axes).build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return Shapes.sameAsInput(context);
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor y = context.output(0, x.dtype(), x.shape());
    AxisGroups groups = AxisGroups.of(x.shape(), Shapes.axes(Ints.array(axes), x.shape().rank()));
    for (int start : groups.starts()) {
      Moments moments = Moments.of(x, start, groups.offsets());
      double deviation = Math.sqrt(moments.variance()) + 1e-9;
      for (int offset : groups.offsets()) {
        int i = start + offset;
        y.setDouble(i, (x.getDouble(i) - moments.mean()) / deviation);
      }
    }
  }
}
