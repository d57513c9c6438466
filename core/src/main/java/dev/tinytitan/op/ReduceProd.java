package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/**
 * Product along axes, 1 of nothing; integers wrap. ONNX: ReduceProd-18.
 *
 * @param keepDims whether reduced axes stay with size 1
 * @param noopWithEmptyAxes whether no axes mean that nothing is reduced
 */
public record ReduceProd(boolean keepDims, boolean noopWithEmptyAxes) implements Reduction {
  static final OpSpec SPEC = Reduction.spec("ReduceProd", 18, ReduceProd::new);

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double reduce(double[] elements) {
    double result = 1;
    for (double element : elements) {
      result *= element;
    }
    return result;
  }

  @Override
  public long reduce(long[] elements, DType dtype) {
    long result = 1;
    for (long element : elements) {
      result *= element;
    }
    return result;
  }

  @Override
  public void gradient(GradientContext context) {
    String product = Gradients.product(context, context.gradient(0), context.output(0));
    context.give(
        0, context.add(new Div(), Gradients.unreduced(context, product, this), context.input(0)));
  }
}
