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
 * Sums of all elements up to each along an axis, given as an integer scalar; integers wrap. ONNX:
 * CumSum-14.
 *
 * @param exclusive whether the element itself is left out of its sum
 * @param reverse whether sums run from the end
 */
public record CumSum(boolean exclusive, boolean reverse) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("CumSum", 14)
          .compatibleSince(11)
          .inputs(2)
          .decoder(context ->
              new CumSum(
                  context.attributes().getBoolean("exclusive", false),
                  context.attributes().getBoolean("reverse", false)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(false, "exclusive", exclusive)
        .putUnless(false, "reverse", reverse)
        .build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return Shapes.sameAsInput(context);
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor y = context.output(0, x.dtype(), x.shape());
    int axis = Shapes.axis(context.input(1).getInt(0), x.shape().rank());
    AxisWalk.forEach(
        x.shape(),
        axis,
        (start, stride, length) -> {
          double sum = 0;
          long wholeSum = 0;
          for (int i = 0; i < length; i++) {
            int at = start + (reverse ? length - 1 - i : i) * stride;
            if (x.dtype().isFloat()) {
              double next = sum + x.getDouble(at);
              y.setDouble(at, exclusive ? sum : next);
              sum = next;
            } else {
              long next = wholeSum + x.getLong(at);
              y.setLong(at, exclusive ? wholeSum : next);
              wholeSum = next;
            }
          }
        });
  }

  @Override
  public void gradient(GradientContext context) {
    context.give(
        0, context.add(new CumSum(exclusive, !reverse), context.gradient(0), context.input(1)));
  }
}
