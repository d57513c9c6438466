package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.DType;

/**
 * Maximum along axes; NaN wins; the least value of the dtype of nothing. ONNX: ReduceMax-20.
 *
 * @param keepDims whether reduced axes stay with size 1
 * @param noopWithEmptyAxes whether no axes mean that nothing is reduced
 */
public record ReduceMax(boolean keepDims, boolean noopWithEmptyAxes) implements Reduction {
  static final OpSpec SPEC = Reduction.spec("ReduceMax", 20, ReduceMax::new);

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public double reduce(double[] elements) {
    double result = Double.NEGATIVE_INFINITY;
    for (double element : elements) {
      result = Math.max(result, element);
    }
    return result;
  }

  @Override
  public long reduce(long[] elements, DType dtype) {
    long result = dtype == DType.BOOL ? 0 : dtype.minValue();
    for (long element : elements) {
      int order =
          dtype.isUnsigned()
              ? Long.compareUnsigned(element, result)
              : Long.compare(element, result);
      result = order > 0 ? element : result;
    }
    return result;
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveToExtremes(context, this);
  }
}
