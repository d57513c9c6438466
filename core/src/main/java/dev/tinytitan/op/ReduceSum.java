package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/**
 * Sum along axes, 0 of nothing; integers wrap. ONNX: ReduceSum-13.
 *
 * @param keepDims whether reduced axes stay with size 1
 * @param noopWithEmptyAxes whether no axes mean that nothing is reduced
 */
public record ReduceSum(boolean keepDims, boolean noopWithEmptyAxes) implements Reduction {
  static final OpSpec SPEC = Reduction.spec("ReduceSum", 13, ReduceSum::new);

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public int axesInputSince() {
    return 13;
  }

  @Override
  public double reduce(double[] elements) {
    double result = 0;
    for (double element : elements) {
      result += element;
    }
    return result;
  }

  @Override
  public long reduce(long[] elements, DType dtype) {
    long result = 0;
    for (long element : elements) {
      result += element;
    }
    return result;
  }

  @Override
  public void gradient(GradientContext context) {
    String gradient = Gradients.unreduced(context, context.gradient(0), this);
    context.give(0, Gradients.expanded(context, gradient, context.shape(context.input(0))));
  }
}
