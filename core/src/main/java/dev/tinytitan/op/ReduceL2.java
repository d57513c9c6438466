package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;

/**
 * Square root of the sum of squares along axes, 0 of nothing. ONNX: ReduceL2-18.
 *
 * @param keepDims whether reduced axes stay with size 1
 * @param noopWithEmptyAxes whether no axes mean that nothing is reduced
 */
public record ReduceL2(boolean keepDims, boolean noopWithEmptyAxes) implements Reduction {
  static final OpSpec SPEC = Reduction.spec("ReduceL2", 18, ReduceL2::new);

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double reduce(double[] elements) {
    double result = 0;
    for (double element : elements) {
      result += element * element;
    }
    return Math.sqrt(result);
  }

  @Override
  public void gradient(GradientContext context) {
    String quotient = context.add(new Div(), context.gradient(0), context.output(0));
    context.give(
        0,
        Gradients.product(context, context.input(0), Gradients.unreduced(context, quotient, this)));
  }
}
