package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;

/**
 * Logarithm of the sum of exponentials along axes, without overflow; negative infinity of nothing.
 * ONNX: ReduceLogSumExp-18.
 *
 * @param keepDims whether reduced axes stay with size 1
 * @param noopWithEmptyAxes whether no axes mean that nothing is reduced
 */
public record ReduceLogSumExp(boolean keepDims, boolean noopWithEmptyAxes) implements Reduction {
  static final OpSpec SPEC = Reduction.spec("ReduceLogSumExp", 18, ReduceLogSumExp::new);

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double reduce(double[] elements) {
    double max = Double.NEGATIVE_INFINITY;
    for (double element : elements) {
      max = Math.max(max, element);
    }
    if (Double.isInfinite(max)) {
      return max;
    }
    double sum = 0;
    for (double element : elements) {
      sum += Math.exp(element - max);
    }
    return max + Math.log(sum);
  }

  @Override
  public void gradient(GradientContext context) {
    String result = Gradients.unreduced(context, context.output(0), this);
    String share = context.add(new Exp(), context.add(new Sub(), context.input(0), result));
    context.give(
        0,
        Gradients.product(context, share, Gradients.unreduced(context, context.gradient(0), this)));
  }
}
