package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/**
 * Sum of squares along axes, 0 of nothing; integers wrap. ONNX: ReduceSumSquare-18.
 *
 * @param keepDims whether reduced axes stay with size 1
 * @param noopWithEmptyAxes whether no axes mean that nothing is reduced
 */
public record ReduceSumSquare(boolean keepDims, boolean noopWithEmptyAxes) implements Reduction {
  static final OpSpec SPEC = Reduction.spec("ReduceSumSquare", 18, ReduceSumSquare::new);

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
    return result;
  }

  @Override
  public long reduce(long[] elements, DType dtype) {
    long result = 0;
    for (long element : elements) {
      result += element * element;
    }
    return result;
  }

  @Override
  public void gradient(GradientContext context) {
    String twice = Gradients.scaled(context, context.gradient(0), 2);
    context.give(
        0, Gradients.product(context, context.input(0), Gradients.unreduced(context, twice, this)));
  }
}
