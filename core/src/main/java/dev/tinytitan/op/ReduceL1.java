package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/**
 * Sum of magnitudes along axes, 0 of nothing. ONNX: ReduceL1-18.
 *
 * @param keepDims whether reduced axes stay with size 1
 * @param noopWithEmptyAxes whether no axes mean that nothing is reduced
 */
public record ReduceL1(boolean keepDims, boolean noopWithEmptyAxes) implements Reduction {
  static final OpSpec SPEC = Reduction.spec("ReduceL1", 18, ReduceL1::new);

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double reduce(double[] elements) {
    double result = 0;
    for (double element : elements) {
      result += Math.abs(element);
    }
    return result;
  }

  @Override
  public long reduce(long[] elements, DType dtype) {
    long result = 0;
    for (long element : elements) {
      result += dtype.isUnsigned() ? element : Math.abs(element);
    }
    return result;
  }

  @Override
  public void gradient(GradientContext context) {
    String gradient = Gradients.unreduced(context, context.gradient(0), this);
    context.give(
        0, Gradients.product(context, context.add(new Sign(), context.input(0)), gradient));
  }
}
