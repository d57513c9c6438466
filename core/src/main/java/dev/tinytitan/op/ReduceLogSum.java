package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;
import java.util.Arrays;

/**
 * Logarithm of the sum along axes, negative infinity of nothing. ONNX: ReduceLogSum-18.
 *
 * @param keepDims whether reduced axes stay with size 1
 * @param noopWithEmptyAxes whether no axes mean that nothing is reduced
 */
public record ReduceLogSum(boolean keepDims, boolean noopWithEmptyAxes) implements Reduction {
  static final OpSpec SPEC = Reduction.spec("ReduceLogSum", 18, ReduceLogSum::new);

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double reduce(double[] elements) {
    return Math.log(Arrays.stream(elements).sum());
  }

  @Override
  public void gradient(GradientContext context) {
    String quotient =
        context.add(new Div(), context.gradient(0), context.add(new Exp(), context.output(0)));
    context.give(
        0,
        Gradients.expanded(
            context,
            Gradients.unreduced(context, quotient, this),
            context.shape(context.input(0))));
  }
}
