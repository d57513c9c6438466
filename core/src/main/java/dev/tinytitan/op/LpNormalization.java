package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Elements divided by the norm of all along one axis; NaN where the norm is 0, as the backend suite
 * has it. ONNX: LpNormalization-22.
 *
 * @param axis the axis; negative counts from the end
 * @param p 1 for the sum of magnitudes, 2 for the Euclidean norm
 */
public record LpNormalization(int axis, int p) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("LpNormalization", 22)
          .compatibleSince(1)
          .decoder(context ->
              new LpNormalization(
                  context.attributes().getInt("axis", -1), context.attributes().getInt("p", 2)))
          .build();

  /** Checks the order of the norm. */
  public LpNormalization {
    if (p != 1 && p != 2) {
      throw Shapes.badAttribute("p", p);
    }
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(-1, "axis", axis).putUnless(2, "p", p).build();
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
          double sum = 0;
          for (int i = 0; i < length; i++) {
            double element = x.getDouble(start + i * stride);
            sum += p == 1 ? Math.abs(element) : element * element;
          }
          double norm = p == 1 ? sum : Math.sqrt(sum);
          for (int i = 0; i < length; i++) {
            y.setDouble(start + i * stride, x.getDouble(start + i * stride) / norm);
          }
        });
  }

  @Override
  public void gradient(GradientContext context) {
    String x = context.input(0);
    String y = context.output(0);
    String gradient = context.gradient(0);
    int at = Shapes.axis(axis, context.shape(x).rank());
    String along = Gradients.longs(context, at);
    String norm =
        p == 1
            ? context.add(new ReduceL1(true, false), x, along)
            : context.add(new ReduceL2(true, false), x, along);
    String product = Gradients.product(context, gradient, y);
    String share = context.add(new ReduceSum(true, false), product, along);
    String direction = p == 1 ? context.add(new Sign(), x) : y;
    String off = context.add(new Sub(), gradient, Gradients.product(context, direction, share));
    context.give(0, context.add(new Div(), off, norm));
  }
}
